/** Starting a run by hand, from any page that shows a monitor: it opens at once, so that one sees the mail land. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../api.ts';

export function useRunNow() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (id: string) => api.monitors.run(id),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['runs', 'list'] });
      void client.invalidateQueries({ queryKey: ['monitors'] });
      await navigate({ to: '/runs/$id', params: { id } });
    },
  });
}
