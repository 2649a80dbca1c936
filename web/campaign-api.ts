/** The client of what is about campaigns, their audits and policies: it comes with the pages that ask it, and not with the frame. */
import type {
  AuditInput,
  AuditJson,
  ComparisonJson,
  NewShareJson,
  PolicyCheckJson,
  PolicyJson,
  ShareInput,
  SharesJson,
  SourcesJson,
} from '../server/api/json/audits.ts';
import type {
  CampaignInput,
  CampaignJson,
  CampaignPatch,
  CampaignsJson,
  DraftJson,
  WatchInput,
  WatchJson,
} from '../server/api/json/campaigns.ts';
import type { PreviewJson } from '../server/api/json/previews.ts';
import { get, request, seg } from './api.ts';
import { addressOf } from './base.ts';

export const campaignApi = {
  campaigns: {
    list: (query: { search?: string | undefined; cursor?: string | undefined; limit?: number }) =>
      get<CampaignsJson>('/api/campaigns', query),
    read: (id: string) => get<CampaignJson>(`/api/campaigns/${seg(id)}`),
    create: (body: CampaignInput) => request<CampaignJson>('POST', '/api/campaigns', { body }),
    upload: (file: Blob, name: string) =>
      request<CampaignJson>('POST', '/api/campaigns', { file, fileType: 'message/rfc822', query: { name } }),
    replace: (id: string, file: Blob) =>
      request<CampaignJson>('PUT', `/api/campaigns/${seg(id)}/message`, { file, fileType: 'message/rfc822' }),
    change: (id: string, body: CampaignPatch) => request<CampaignJson>('PATCH', `/api/campaigns/${seg(id)}`, { body }),
    remove: (id: string) => request<void>('DELETE', `/api/campaigns/${seg(id)}`),
    audit: (id: string, body: AuditInput) => request<AuditJson>('POST', `/api/campaigns/${seg(id)}/audits`, { body }),
    watch: (id: string, body: WatchInput) => request<WatchJson>('POST', `/api/campaigns/${seg(id)}/watches`, { body }),
    previewDraft: (body: DraftJson, signal?: AbortSignal) =>
      request<PreviewJson>('POST', '/api/draft-previews', { body, ...(signal ? { signal } : {}) }),
    messagePath: (id: string) => addressOf(`/api/campaigns/${seg(id)}/message`),
  },
  watches: {
    read: (id: string) => get<WatchJson>(`/api/watches/${seg(id)}`),
    stop: (id: string) => request<void>('DELETE', `/api/watches/${seg(id)}`),
    seedListPath: (id: string) => addressOf(`/api/watches/${seg(id)}/seed-list`),
  },
  audits: {
    read: (id: string) => get<AuditJson>(`/api/audits/${seg(id)}`),
    /** By what its campaign asks now. */
    judge: (id: string) => request<AuditJson>('POST', `/api/audits/${seg(id)}/judgements`),
    sources: (id: string) => get<SourcesJson>(`/api/audits/${seg(id)}/sources`),
    preview: (id: string) => get<PreviewJson>(`/api/audits/${seg(id)}/preview`),
    compare: (id: string, before: string) => get<ComparisonJson>(`/api/audits/${seg(id)}/comparison`, { with: before }),
    reportPath: (id: string, format: 'html' | 'json' | 'junit', language: string) =>
      addressOf(`/api/audits/${seg(id)}/report?format=${format}&language=${language}&download=1`),
    evidencePath: (id: string) => addressOf(`/api/audits/${seg(id)}/evidence`),
    messagePath: (id: string) => addressOf(`/api/audits/${seg(id)}/message`),
    shares: (id: string) => get<SharesJson>(`/api/audits/${seg(id)}/shares`),
    share: (id: string, body: ShareInput) => request<NewShareJson>('POST', `/api/audits/${seg(id)}/shares`, { body }),
    unshare: (id: string) => request<void>('DELETE', `/api/shares/${seg(id)}`),
  },
  policies: {
    defaults: () => get<PolicyJson>('/api/policy'),
    /** @param file as it was read: the server says which field is wrong */
    check: (file: unknown) => request<PolicyCheckJson>('POST', '/api/policy-checks', { body: file }),
  },
};
