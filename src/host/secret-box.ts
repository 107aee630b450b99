import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from './random.ts';

/**
 * Seals what must not be read from the database alone, and hashes what must only be found again. Everything hangs on the
 * master key: whoever loses it loses the secrets. A purpose binds a sealed text to its place, so that a row's secret moved
 * into another place does not open.
 */
export type SecretBox = {
  /** Version (1 byte), IV (12), tag (16), ciphertext: AES-256-GCM with the purpose as associated data. */
  seal(purpose: string, text: string): Buffer;
  /** Throws SecretUnreadable when the key is another, the purpose is another, or a bit has changed. */
  open(purpose: string, sealed: Buffer): string;
  /** A keyed hash of 32 bytes by which a secret text is looked up; the same text always gives the same. */
  hash(purpose: string, text: string): Buffer;
  /** 32 bytes for other uses, such as signing tokens; different for each purpose. */
  derive(purpose: string): Buffer;
};

/** A sealed text that does not open: another master key, or a row that was tampered with. */
export class SecretUnreadable extends Error {
  constructor(purpose: string, cause?: unknown) {
    super(`A secret sealed for "${purpose}" cannot be read with this master key`, { cause });
    this.name = 'SecretUnreadable';
  }
}

const version = 1;
const ivLength = 12;
const tagLength = 16;

export function createSecretBox(masterKey: Buffer, random: Random): SecretBox {
  if (masterKey.length !== 32) throw new Error('The master key must have 32 bytes');
  const derived = new Map<string, Buffer>();
  const derive = (purpose: string): Buffer => {
    const known = derived.get(purpose);
    if (known !== undefined) return known;
    const made = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `keystead:v1:${purpose}`, 32));
    derived.set(purpose, made);
    return made;
  };
  const sealingKey = derive('seal');
  return {
    seal(purpose, text) {
      const iv = random.bytes(ivLength);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, iv, { authTagLength: tagLength });
      cipher.setAAD(associated(purpose));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body]);
    },
    open(purpose, sealed) {
      if (sealed.length < 1 + ivLength + tagLength || sealed[0] !== version) throw new SecretUnreadable(purpose);
      const iv = sealed.subarray(1, 1 + ivLength);
      const tag = sealed.subarray(1 + ivLength, 1 + ivLength + tagLength);
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealingKey, iv, { authTagLength: tagLength });
        decipher.setAAD(associated(purpose));
        decipher.setAuthTag(tag);
        const body = sealed.subarray(1 + ivLength + tagLength);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SecretUnreadable(purpose, error);
      }
    },
    hash: (purpose, text) =>
      createHmac('sha256', derive(`hash:${purpose}`))
        .update(text, 'utf8')
        .digest(),
    derive: (purpose) => derive(`key:${purpose}`),
  };
}

const associated = (purpose: string): Buffer => Buffer.from(`keystead:v${version}:${purpose}`, 'utf8');
