import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { CredentialWatch } from '../features/payments/credentials.service.ts';
import type { RefundsService } from '../features/payments/refunds.service.ts';
import type { MailId, OrganizationId, PaymentId, RefundId } from '../rules/ids.ts';
import type { MailRound } from './mail-round.ts';
import type { Task } from './workers.ts';

type Deps = {
  intake: IntakeService;
  refunds: RefundsService;
  credentials: CredentialWatch;
  mails: MailRound;
};

/** What jobs do. Each may run twice; each is idempotent by the state it finds. Payloads are written by features alone. */
export function createTasks({ intake, refunds, credentials, mails }: Deps) {
  return {
    payment: (payload) => {
      const { organizationId, id } = payload as Named<PaymentId>;
      return intake.check(organizationId, id);
    },
    refund: (payload) => {
      const { organizationId, id } = payload as Named<RefundId>;
      return refunds.perform(organizationId, id);
    },
    'payment-key': (payload) => credentials.test((payload as { organizationId: OrganizationId }).organizationId),
    mail: async (payload) => {
      const { organizationId, id } = payload as Named<MailId>;
      mails.begin(organizationId, id);
    },
  } satisfies Record<string, Task>;
}

type Named<Id> = { organizationId: OrganizationId; id: Id };
