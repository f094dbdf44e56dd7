/** The options of `headgate models refresh`, as commander parses them. */
export interface RefreshOptions {
  readonly all?: true;
  readonly catalogue?: true;
  readonly clearCache?: string;
  readonly envFile?: string;
  readonly force?: true;
  readonly json?: true;
  readonly provider?: string;
  readonly prune?: true;
  readonly retestFailed?: true;
  readonly root?: string;
  readonly show?: true;
  readonly since?: string;
  readonly showCache?: true;
  readonly stateDir?: string;
  readonly timeoutMs: number;
  readonly unused?: true;
  readonly update?: true;
  readonly yes?: true;
}
