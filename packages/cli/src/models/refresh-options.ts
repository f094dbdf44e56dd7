/** The options of `headgate models refresh`, as commander parses them. */
export interface RefreshOptions {
  readonly clearCache?: string;
  readonly envFile?: string;
  readonly json?: true;
  readonly provider?: string;
  readonly retestFailed?: true;
  readonly root?: string;
  readonly showCache?: true;
  readonly stateDir?: string;
  readonly timeoutMs: number;
  readonly update?: true;
  readonly yes?: true;
}
