/** Delivery reports for tests. */

/** A report within a report within a report: more levels than an honest one has. */
export function nestedReport(levels: number): string {
  const boundaries = Array.from({ length: levels }, (_, level) => `level${level}`);
  return boundaries
    .map(
      (boundary) =>
        `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"\r\n\r\n--${boundary}\r\n`,
    )
    .join('');
}

/** What a mail system sends back for a probe it could not deliver. */
export function failureReport(about: { token: string; messageId: string; recipient: string }): Buffer {
  return Buffer.from(
    [
      'From: Mail Delivery Subsystem <mailer-daemon@plain.test>',
      'Subject: Undelivered Mail Returned to Sender',
      `Message-ID: <report-${about.token}@plain.test>`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="rep"',
      '',
      '--rep',
      'Content-Type: text/plain',
      '',
      'It could not be delivered.',
      '--rep',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.plain.test',
      '',
      `Final-Recipient: rfc822; ${about.recipient}`,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 no such user',
      '',
      '--rep',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: <${about.messageId}>`,
      `X-Todoku-Probe: ${about.token}`,
      '',
      '--rep--',
      '',
    ].join('\r\n'),
  );
}
