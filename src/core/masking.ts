// Personal data as those see it who need not know it: enough to recognise, too little to use. Masking what is masked
// changes nothing, so that data which a marketplace has masked stays as it came.

const HIDDEN = '***';
const HAN = /^\p{Script=Han}$/u;

/** A text that says nothing but that there is one. */
export const maskText = (text: string): string => (text.trim() === '' ? '' : HIDDEN);

/** A name by its first character: `张三` → `张*`, `Anna Berg` → `A***`. */
export function maskName(name: string): string {
  const first = firstOf(name.trim());
  if (first === '') return maskText(name);
  return HAN.test(first) ? `${first}*` : first + HIDDEN;
}

/** A phone number without its middle: `13812341234` → `138****1234`. Of a short one the last two digits at most. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/[^\d+*]/g, '');
  if (digits.length >= 11) return `${digits.slice(0, 3)}****${digits.slice(-4)}`;
  return digits.length >= 7 ? `*****${digits.slice(-2)}` : maskText(phone);
}

/** An e-mail address by its first character and its domain: `anna@x.com` → `a***@x.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 0 ? maskText(email) : firstOf(email.slice(0, at)) + HIDDEN + email.slice(at);
}

/** The first of several characters. A single one would be the whole, and a star says nothing. */
function firstOf(text: string): string {
  const [first = '', ...rest] = text;
  return rest.length === 0 || first === '*' ? '' : first;
}
