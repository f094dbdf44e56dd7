/**
 * A GPU, a backend that loads and unloads models on it, and clients: a discrete-event simulation. The policy, the
 * real scheduler or a comparator, gets the scheduler's events and returns its decisions.
 */
import type { Decision, FoundModel, SchedulerEvent } from "@headgate/resources";
import { Agenda } from "./heap.ts";
import { areTwins, type Job, type SimModel, type Trace } from "./trace.ts";

export interface Policy {
  readonly name: string;
  step(event: SchedulerEvent, nowMs: number): Decision[];
  /**
   * Comparators get more than is measurable: what others use the moment it changes, and an unload is answered when
   * its memory is back. The real scheduler has to find out.
   */
  readonly clairvoyant?: { external(bytes: number): void; readonly infinite: boolean };
}

export interface Served {
  readonly model: SimModel;
  readonly job: Job;
  readonly arrivedMs: number;
  readonly waitMs: number;
  /** Of its wait, the part at the head of its model's queue. */
  readonly headMs: number;
}

export interface Run {
  readonly served: readonly Served[];
  readonly rejected: number;
  /** Waits that were given up, in ms. */
  readonly gaveUpMs: readonly number[];
  readonly loads: number;
  readonly loadMs: number;
  /** The part of `loadMs` that failed loads took. */
  readonly diedMs: number;
  /** From the first arrival to the end of the last job. */
  readonly spanMs: number;
  /** Times at which more memory was used than there is, although others used no more than was seen. */
  readonly overcommits: number;
  /** Clients that neither ran nor were refused. */
  readonly stuck: number;
}

type Happening =
  | { readonly kind: "arrive"; readonly job: Job }
  | { readonly kind: "leave"; readonly client: Client }
  | { readonly kind: "done"; readonly client: Client }
  | {
      readonly kind: "answer";
      readonly model: SimModel;
      readonly event: SchedulerEvent;
      readonly becomes: Resident;
    }
  | { readonly kind: "returned"; readonly bytes: number; readonly event?: SchedulerEvent }
  | { readonly kind: "external"; readonly bytes: number }
  | { readonly kind: "tick"; readonly atMs: number };

type Resident = "none" | "loading" | "loaded";

interface Client {
  readonly id: number;
  readonly job: Job;
  readonly arrivedMs: number;
  headSinceMs: number | undefined;
  lease: number | undefined;
  state: "waiting" | "running" | "gone";
}

const LIE_FOUND_OUT_MS = 5_000;
const MAX_EVENTS = 2_000_000;

export function simulate(trace: Trace, policy: Policy): Run {
  const agenda = new Agenda<Happening>();
  const residents = new Map<SimModel, Resident>(trace.models.map((model) => [model, "none"]));
  const byKey = new Map(trace.models.map((model) => [model.need.spec.key, model]));
  const clients = new Map<number, Client>();
  const queues = new Map<SimModel, Set<Client>>(trace.models.map((model) => [model, new Set()]));
  const served: Served[] = [];
  const { clairvoyant } = policy;
  let nowMs = 0;
  let external = 0;
  let seenExternal = 0;
  let lingering = 0;
  let running = 0;
  let ids = 0;
  let rejected = 0;
  const gaveUpMs: number[] = [];
  let loads = 0;
  let unloads = 0;
  let loadMs = 0;
  let diedMs = 0;
  let overcommits = 0;
  let lastDoneMs = 0;
  let wakeMs = Number.NaN;
  let unserved = trace.arrivals.length;

  const ours = (): number => {
    let sum = lingering + running;
    for (const [model, resident] of residents) if (resident !== "none") sum += model.need.bytes;
    return sum;
  };
  /** Of that, what cannot be given up: a mapped file can be read again. */
  const seen = (): number => ours() * (trace.shown ?? 1);
  const overfull = (): boolean =>
    clairvoyant?.infinite !== true && seen() + Math.min(external, seenExternal) > trace.totalBytes;
  const toHead = (model: SimModel): void => {
    for (const client of queues.get(model) ?? []) {
      client.headSinceMs ??= nowMs;
      return;
    }
  };
  const dequeue = (client: Client): void => {
    queues.get(client.job.model)?.delete(client);
    toHead(client.job.model);
  };

  const found = (): FoundModel[] =>
    [...residents].flatMap(([{ need }, resident]) =>
      resident === "none"
        ? []
        : [
            {
              need,
              bytes: need.bytes,
              gpuBytes: need.bytes,
              busy: undefined,
              loading: resident === "loading",
            },
          ],
    );
  // One event at a time: an answer to a decision waits until the decisions before it are carried out.
  const inbox: SchedulerEvent[] = [];
  let draining = false;
  const send = (event: SchedulerEvent): void => {
    inbox.push(event);
    if (draining) return;
    draining = true;
    for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
      for (const decision of policy.step(next, nowMs)) act(decision);
    }
    draining = false;
  };

  const act = (decision: Decision): void => {
    switch (decision.type) {
      case "grant":
        grant(decision.waiter, decision.lease);
        return;
      case "reject": {
        const client = clients.get(decision.waiter);
        if (client === undefined) return;
        rejected += 1;
        unserved -= 1;
        client.state = "gone";
        dequeue(client);
        return;
      }
      case "load":
        load(decision.key, decision.epoch);
        return;
      case "unload":
        unload(decision.key, decision.epoch);
        return;
      case "wake":
        wakeMs = decision.atMs;
        if (decision.atMs !== Number.POSITIVE_INFINITY)
          agenda.push(decision.atMs, { kind: "tick", atMs: decision.atMs });
        return;
      case "inspect":
        send({ type: "found", backend: decision.backend, stamp: decision.stamp, models: found() });
        return;
      case "measure":
        seenExternal = external;
        send({
          type: "reading",
          startedMs: nowMs,
          devices: [{ device: "cuda:0", totalBytes: trace.totalBytes, usedBytes: seen() + external }],
        });
        return;
      case "abort-load":
        // Its load goes on: this backend cannot stop one.
        return;
    }
  };

  const grant = (id: number, lease: number): void => {
    const client = clients.get(id);
    if (client === undefined) throw new Error(`${policy.name} grants to client ${id}, which never came`);
    if (client.state !== "waiting")
      throw new Error(`${policy.name} grants to client ${id}, which is ${client.state}`);
    if (residents.get(client.job.model) !== "loaded")
      throw new Error(`${policy.name} grants on a model that is not loaded`);
    client.state = "running";
    client.lease = lease;
    const waitMs = nowMs - client.arrivedMs;
    served.push({
      model: client.job.model,
      job: client.job,
      arrivedMs: client.arrivedMs,
      waitMs,
      headMs: nowMs - (client.headSinceMs ?? nowMs),
    });
    dequeue(client);
    running += client.job.model.need.transientBytes;
    if (overfull()) overcommits += 1;
    agenda.push(nowMs + client.job.serviceMs, { kind: "done", client });
  };

  const load = (key: string, epoch: number): void => {
    const model = byKey.get(key);
    if (model === undefined) throw new Error(`${policy.name} loads ${key}, which the trace does not have`);
    loads += 1;
    const fails = trace.crashEvery !== undefined && loads % trace.crashEvery === 0;
    loadMs += fails ? model.loadMs / 2 : model.loadMs;
    if (fails) diedMs += model.loadMs / 2;
    for (const [other, resident] of residents) {
      if (other === model || resident === "none" || clairvoyant?.infinite === true || !areTwins(other, model))
        continue;
      throw new Error(`${policy.name} loads ${key} beside ${other.need.spec.key}`);
    }
    residents.set(model, "loading");
    if (overfull()) overcommits += 1;
    if (fails) {
      const event = { type: "load-failed", key, epoch, kind: "failed", why: "the runner died" } as const;
      agenda.push(nowMs + model.loadMs / 2, { kind: "answer", model, event, becomes: "none" });
      return;
    }
    const event = {
      type: "loaded",
      key,
      epoch,
      bytes: model.need.bytes,
      gpuBytes: model.need.bytes,
    } as const;
    agenda.push(nowMs + model.loadMs, { kind: "answer", model, event, becomes: "loaded" });
  };

  const unload = (key: string, epoch: number): void => {
    const model = byKey.get(key);
    if (model === undefined) return;
    unloads += 1;
    const lies = trace.lyingUnloadEvery !== undefined && unloads % trace.lyingUnloadEvery === 0;
    const event: SchedulerEvent = { type: "unloaded", key, epoch };
    if (!lies) {
      agenda.push(nowMs + model.unloadMs, { kind: "answer", model, event, becomes: "none" });
    } else if (clairvoyant !== undefined) {
      agenda.push(nowMs + LIE_FOUND_OUT_MS + model.unloadMs, {
        kind: "answer",
        model,
        event,
        becomes: "none",
      });
    } else {
      const failed = {
        type: "unload-failed",
        key,
        epoch,
        kind: "unverified",
        why: "it is still there",
      } as const;
      agenda.push(nowMs + LIE_FOUND_OUT_MS, { kind: "answer", model, event: failed, becomes: "loaded" });
    }
  };

  const happen = (what: Happening): void => {
    switch (what.kind) {
      case "arrive": {
        const { job } = what;
        const client: Client = {
          id: ++ids,
          job,
          arrivedMs: nowMs,
          headSinceMs: undefined,
          lease: undefined,
          state: "waiting",
        };
        clients.set(client.id, client);
        queues.get(job.model)?.add(client);
        toHead(job.model);
        if (job.patienceMs !== undefined) agenda.push(nowMs + job.patienceMs, { kind: "leave", client });
        send({ type: "arrive", waiter: client.id, need: job.model.need });
        return;
      }
      case "leave": {
        const { client } = what;
        if (client.state === "running") {
          finish(client);
          return;
        }
        if (client.state !== "waiting") return;
        client.state = "gone";
        gaveUpMs.push(nowMs - client.arrivedMs);
        unserved -= 1;
        dequeue(client);
        send({ type: "abort", waiter: client.id });
        return;
      }
      case "done":
        finish(what.client);
        return;
      case "answer": {
        const was = residents.get(what.model);
        residents.set(what.model, what.becomes);
        if (what.becomes !== "none" || was === "none" || trace.reclaimMs === 0) {
          send(what.event);
          return;
        }
        lingering += what.model.need.bytes;
        if (clairvoyant !== undefined) {
          agenda.push(nowMs + trace.reclaimMs, {
            kind: "returned",
            bytes: what.model.need.bytes,
            event: what.event,
          });
          return;
        }
        agenda.push(nowMs + trace.reclaimMs, { kind: "returned", bytes: what.model.need.bytes });
        send(what.event);
        return;
      }
      case "returned":
        lingering -= what.bytes;
        if (what.event !== undefined) send(what.event);
        return;
      case "external":
        external = what.bytes;
        clairvoyant?.external(external);
        if (clairvoyant === undefined) send({ type: "tick" });
        return;
      case "tick":
        if (what.atMs === wakeMs) send({ type: "tick" });
    }
  };

  const finish = (client: Client): void => {
    if (client.state !== "running" || client.lease === undefined) return;
    client.state = "gone";
    running -= client.job.model.need.transientBytes;
    lastDoneMs = nowMs;
    const { next } = client.job;
    if (next === undefined) unserved -= 1;
    else agenda.push(nowMs + next.afterMs, { kind: "arrive", job: next.job });
    send({ type: "release", lease: client.lease, outcome: "done" });
  };

  for (const { atMs, bytes } of trace.external) agenda.push(atMs, { kind: "external", bytes });
  for (const { atMs, job } of trace.arrivals) agenda.push(atMs, { kind: "arrive", job });
  send({ type: "tick" });
  for (let events = 0; unserved > 0; events += 1) {
    const next = agenda.pop();
    if (next === undefined) break;
    if (events > MAX_EVENTS)
      throw new Error(`${policy.name} on ${trace.name}: no end after ${MAX_EVENTS} events`);
    nowMs = next.atMs;
    happen(next.what);
  }
  const firstMs = trace.arrivals[0]?.atMs ?? 0;
  return {
    served,
    rejected,
    gaveUpMs,
    loads,
    loadMs,
    diedMs,
    spanMs: lastDoneMs - firstMs,
    overcommits,
    stuck: unserved,
  };
}
