import { FINDING_NAMES } from './finding.ts';
import type { Inspection } from './inspection.ts';

type Labels = Readonly<Record<string, string>>;

/** Where metrics go, in the words of the `Meter` port, which keeps this and more. */
export interface InspectionMeter {
  count(name: string, amount?: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
}

/** Sets the gauges of one inspection; a finding that is gone is set back to zero. */
export function publishInspection(meter: InspectionMeter, inspection: Inspection): void {
  const { findings, statistics } = inspection;
  for (const name of FINDING_NAMES) {
    const count = findings.filter((finding) => finding.name === name).length;
    meter.gauge('starling_index_findings_total', count, { finding: name });
  }
  meter.gauge('starling_index_rows_total', statistics.rows, { state: 'live' });
  meter.gauge('starling_index_rows_total', statistics.deadRows, { state: 'dead' });
  meter.gauge('starling_index_rows_total', statistics.unreachableRows, { state: 'unreachable' });
  meter.gauge('starling_index_links_total', statistics.links);
  meter.gauge('starling_index_hops_total', statistics.hops.p95, { quantile: '0.95' });
  const { memoryBytes, recall } = statistics;
  if (memoryBytes !== undefined) meter.gauge('starling_index_memory_bytes', memoryBytes);
  if (recall === undefined) return;
  meter.count('starling_index_audited_hits_total', recall.hitsFound, { outcome: 'found' });
  meter.count('starling_index_audited_hits_total', recall.hits - recall.hitsFound, {
    outcome: 'missed',
  });
}
