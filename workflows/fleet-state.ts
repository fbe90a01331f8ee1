// What a fleet run knows: what travels from a history to the next, and what is known in this one only.
import { setCurrentDetails, type CancellationScope } from '@temporalio/workflow';
import type { FailureReport } from '../contract/failures.ts';
import { countedOf, type FleetCounts, type FleetPass, type FleetRequest, type FleetStatus } from '../contract/fleet.ts';
import type { Discovery } from '../contract/source.ts';
import type { FleetSteps } from './fleet-steps.ts';
import type { CarriedWindow, FleetWindow } from './fleet-window.ts';

/** Small, whatever the source holds: outcomes are in the state database. */
export interface CarriedFleet {
  fleetId: string;
  started: string;
  /** For git. */
  credential: string | null;
  /** For the forge's API. */
  apiCredential: string | null;
  forgeData: boolean;
  discovery: Discovery | null;
  discoveryFailure: FailureReport | null;
  total: number;
  counts: FleetCounts;
  pass: FleetPass;
  window: CarriedWindow;
}

export interface Run {
  request: FleetRequest;
  steps: FleetSteps;
  carried: CarriedFleet;
  window: FleetWindow;
  status: FleetStatus;
  /** Somebody wants it to end. */
  cancelled: boolean;
  /** Counts what happened, to wake who waits. */
  happened: number;
  /** Waits for runs that were going on before, by repository: they end when this one is cancelled. */
  waits: Map<string, CancellationScope>;
  /** Events after which a history is continued as new. */
  mostEvents: number;
}

/** What people see changes. */
export function tellState(status: FleetStatus, change: Partial<FleetStatus>): void {
  Object.assign(status, change);
  setCurrentDetails(fleetDetails(status));
}

/** `backing up 12 of 1,000: …`. */
export function fleetDetails({ source, state, total, counts, running }: FleetStatus): string {
  const said = Object.entries(counts).filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`);
  return [`**${state}** (source ${source})`, `${countedOf(counts)} of ${total ?? '?'}: ${said.join(', ') || 'none yet'}`, ...running.map((name) => `- ${name}`)].join('\n');
}
