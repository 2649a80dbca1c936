/**
 * Spam filters know a harmless text that they must call spam (GTUBE). rspamd has variants of it: this one is sorted as spam and not refused, so
 * that it reaches the spam folder.
 */
export const SPAM_PATTERN = 'YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
