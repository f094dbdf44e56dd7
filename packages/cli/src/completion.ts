/** `headgate completion <shell>`: a script that completes commands, their options and the choices of options. */
import type { Command } from "commander";

export type Shell = "bash" | "zsh" | "fish";

interface Entry {
  /** `keys verify`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly about: string }[];
}

/** Each command's own words: commands below it, and its options. */
function entriesOf(command: Command, path = ""): Entry[] {
  const visible = command.createHelp();
  const below = visible.visibleCommands(command).filter((one) => one.name() !== "help");
  const words = [
    ...below.map((one) => ({ word: one.name(), about: one.description() })),
    ...visible
      .visibleOptions(command)
      .flatMap(({ long, description }) => (long == null ? [] : [{ word: long, about: description }])),
  ];
  const own = { path, words };
  return [own, ...below.flatMap((one) => entriesOf(one, path === "" ? one.name() : `${path} ${one.name()}`))];
}

export function completionScript(program: Command, shell: Shell): string {
  const entries = entriesOf(program);
  if (shell === "fish") return fish(entries);
  return shell === "zsh" ? `autoload -Uz bashcompinit && bashcompinit\n${bash(entries)}` : bash(entries);
}

/** In a pattern of the script: the words so far, without options and their values. */
const bash = (entries: readonly Entry[]): string =>
  `_headgate() {
  local word path="" at candidates=""
  COMPREPLY=()
  word="\${COMP_WORDS[COMP_CWORD]}"
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in -*) ;; *) path="\${path:+$path }\${COMP_WORDS[at]}" ;; esac
  done
  while :; do
    case "$path" in
${entries.map(({ path, words }) => `      "${path}") candidates="${words.map(({ word }) => word).join(" ")}" ;;`).join("\n")}
      *) path="\${path% *}"; continue ;;
    esac
    break
  done
  while IFS= read -r at; do COMPREPLY+=("$at"); done < <(compgen -W "$candidates" -- "$word")
}
complete -o default -F _headgate headgate
`;

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fish(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, words }) => {
    const names = path.split(" ").filter((name) => name !== "");
    const condition =
      names.length === 0
        ? "__fish_use_subcommand"
        : names.map((name) => `__fish_seen_subcommand_from ${name}`).join("; and ");
    return words.map(({ word, about }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c headgate -n ${quoted(condition)} ${what} -d ${quoted(about)}`;
    });
  });
  return `${lines.join("\n")}\n`;
}
