// One pipeline: its proposal, the decision, and how it runs.
import type { JSX } from 'preact';
import { Page } from '../parts/page.tsx';
import PipelineCard from '../parts/pipeline-card.tsx';

export default function Pipeline({ pieces: [id = ''] }: { pieces: string[] }): JSX.Element {
  return (
    <Page title={`Pipeline ${id}`} within={[{ label: 'Pipelines', href: '/pipelines' }]} about="Exactly these files are committed, on a branch with a merge request, when a person says yes.">
      <PipelineCard id={id} link={false} />
    </Page>
  );
}
