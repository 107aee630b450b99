/** Blanks what opens something in an address or a text that may quote one: link tokens, tokens in queries, Bearer. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/\/(sessions?|access|guest|tell-me|inbound\/[a-z]+)\/[A-Za-z0-9_-]{8,}/g, '/$1/[hidden]')
    .replace(/([?&](?:token|access_token|code|key|secret|session|auth_key)=)[^&\s"'#]+/gi, '$1[hidden]')
    .replace(/\bBearer\s+[A-Za-z0-9._~+/-]+=*/gi, 'Bearer [hidden]');
}
