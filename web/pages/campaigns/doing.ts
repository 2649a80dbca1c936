/** What leads to an audit: a file, a draft, a campaign once more. Each ends on the audit's own page. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { AuditInput, AuditJson, PolicyInput } from '../../../server/api/json/audits.ts';
import { campaignApi } from '../../campaign-api.ts';

function useOpen(): (audit: AuditJson) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (audit) => {
    client.setQueryData(['audits', audit.id], audit);
    await client.invalidateQueries({ queryKey: ['campaigns'] });
    await navigate({ to: '/audits/$id', params: { id: audit.id } });
  };
}

/** Takes a file in as a campaign of its own and audits it. */
export function useAuditFile() {
  const open = useOpen();
  return useMutation({
    mutationFn: async ({ file, name, policy }: { file: File; name: string; policy: PolicyInput | null }) => {
      const campaign = await campaignApi.campaigns.upload(file, name);
      if (policy !== null) await campaignApi.campaigns.change(campaign.id, { policy });
      return campaignApi.campaigns.audit(campaign.id, {});
    },
    onSuccess: open,
  });
}

/** A newer version of the mail of a campaign. */
export function useAuditNewer(id: string) {
  const open = useOpen();
  return useMutation({
    mutationFn: async (file: File) => {
      await campaignApi.campaigns.replace(id, file);
      return campaignApi.campaigns.audit(id, {});
    },
    onSuccess: open,
  });
}

export function useAuditAgain(id: string) {
  const open = useOpen();
  return useMutation({ mutationFn: (input: AuditInput) => campaignApi.campaigns.audit(id, input), onSuccess: open });
}
