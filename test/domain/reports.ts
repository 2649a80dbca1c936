/** DMARC aggregate reports as receivers write them, for tests. */
export type ReportRow = {
  mails?: number;
  signatures?: readonly { domain: string; selector: string; result: string }[];
};

export function aggregateReport(domain: string, rows: readonly ReportRow[], end = 1_764_000_000): string {
  const records = rows.map(
    ({ mails = 1, signatures = [] }) => `
  <record>
    <row><source_ip>192.0.2.7</source_ip><count>${mails}</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
    <identifiers><header_from>${domain}</header_from></identifiers>
    <auth_results>${signatures
      .map(
        (one) =>
          `<dkim><domain>${one.domain}</domain><selector>${one.selector}</selector><result>${one.result}</result></dkim>`,
      )
      .join('')}<spf><domain>${domain}</domain><result>fail</result></spf></auth_results>
  </record>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <version>1.0</version>
  <report_metadata><org_name>receiver.test</org_name><email>dmarc@receiver.test</email><report_id>1</report_id>
    <date_range><begin>${end - 86_400}</begin><end>${end}</end></date_range></report_metadata>
  <policy_published><domain>${domain}</domain><p>none</p></policy_published>${records.join('')}
</feedback>
`;
}
