// A problem at start that a person can mend.

/** Says in `message` what is wrong and in `hint` what to do about it. Printed without a stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
