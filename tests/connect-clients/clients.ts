/** The real clients of `make connect-clients`: the package that npm or PyPI has, and one question without a terminal. */
export interface RealClient {
  /** As its recipe is called. */
  readonly id: string;
  /** npm's package. */
  readonly npm: string;
  readonly program: string;
  /** Its command for one question, and how its answer comes out. */
  readonly args: (question: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const CLIENTS: readonly RealClient[] = [
  {
    id: "claude-code",
    npm: "@anthropic-ai/claude-code",
    program: "claude",
    args: (question) => ["--print", question],
    env: { DISABLE_TELEMETRY: "1", DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
  },
  {
    id: "codex",
    npm: "@openai/codex",
    program: "codex",
    args: (question) => ["exec", "--skip-git-repo-check", question],
  },
  { id: "opencode", npm: "opencode-ai", program: "opencode", args: (question) => ["run", question] },
  {
    id: "qwen-code",
    npm: "@qwen-code/qwen-code",
    program: "qwen",
    args: (question) => ["--prompt", question],
  },
  {
    id: "gemini-cli",
    npm: "@google/gemini-cli",
    program: "gemini",
    args: (question) => ["--skip-trust", "--prompt", question],
  },
  {
    id: "pi",
    npm: "@mariozechner/pi-coding-agent",
    program: "pi",
    args: (question) => ["--print", question],
  },
  {
    id: "crush",
    npm: "@charmland/crush",
    program: "crush",
    args: (question) => ["run", "--quiet", question],
  },
];
