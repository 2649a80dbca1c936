/** What an address and a host look like, for everything that takes one in: forms, the API, a line of a table. Pure. */

/** A bare mailbox, `name@domain`: no display name, no quoting, no list (RFC 5321 §4.1.2, dot-string only). */
export const ADDRESS =
  /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;
/** RFC 5321 §4.5.3.1.3, without the brackets. */
export const LONGEST_ADDRESS = 254;

/** A host name or an address of a machine, as one would type it, in lower case. */
export const HOST =
  /^(\[?[0-9a-f:.]*:[0-9a-f:.]*\]?|[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}])?(\.[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}])?)*\.?)$/u;
/** RFC 1035 §2.3.4. */
export const LONGEST_HOST = 253;
