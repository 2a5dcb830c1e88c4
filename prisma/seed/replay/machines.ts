// The machines of partners: they report on their connections with signed messages.

import { Webhook } from 'standardwebhooks';
import { ApiError, postPatiently } from './http.ts';

/** A partner's machine on one connection. */
export interface Machine {
  /** Report something. A message with the id of an earlier one is the same message. Throws unless it was heard. */
  report(messageId: string, message: object): Promise<void>;
}

export const machineAt = (url: string, secret: string, signal?: AbortSignal): Machine => ({
  async report(messageId, message) {
    const at = new Date();
    const body = JSON.stringify(message);
    const headers = {
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(messageId, at, body),
    };
    const { status, text } = await postPatiently(url, headers, body, signal);
    if (status !== 200) throw new ApiError(`${url} answered ${status} to ${body}: ${text.slice(0, 200)}`);
  },
});
