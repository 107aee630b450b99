import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { RefundsService } from '../features/payments/refunds.service.ts';
import type { MailId, OrganizationId, PaymentId, RefundId, SessionId } from '../rules/ids.ts';
import type { MailRound } from './mail-round.ts';
import type { SessionRunner } from './session-runner.ts';
import type { Task } from './workers.ts';

/** What jobs do. Each may run twice; each is idempotent by the state it finds. Payloads are written by features alone. */
export function createTasks(deps: {
  runner: SessionRunner;
  intake: IntakeService;
  refunds: RefundsService;
  mails: MailRound;
}) {
  const { runner, intake, refunds, mails } = deps;
  return {
    session: (payload) => {
      const { organizationId, id } = payload as Named<SessionId>;
      return runner.run(organizationId, id);
    },
    payment: (payload) => {
      const { organizationId, id } = payload as Named<PaymentId>;
      return intake.check(organizationId, id);
    },
    refund: (payload) => {
      const { organizationId, id } = payload as Named<RefundId>;
      return refunds.perform(organizationId, id);
    },
    mail: async (payload) => {
      const { organizationId, id } = payload as Named<MailId>;
      mails.begin(organizationId, id);
    },
  } satisfies Record<string, Task>;
}

type Named<Id> = { organizationId: OrganizationId; id: Id };
