/** What a program that Headgate starts sees of the shell: what every program needs, and nothing that could be a secret. */

type Variables = Readonly<Record<string, string | undefined>>;

const EVERYONE = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  "LD_LIBRARY_PATH",
  "CUDA_HOME",
  "CUDA_PATH",
  "CUDA_VISIBLE_DEVICES",
  "NVIDIA_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "SYSTEMROOT",
] as const;

/** Marks a program and everything it starts, so that what outlived its gateway is recognised. */
export const MARK = "HEADGATE_SUPERVISED";

/**
 * @param inherit further names, as the fragment lists them
 * @param own what the fragment sets; it wins
 */
export function programEnvironment(
  shell: Variables,
  inherit: readonly string[],
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...EVERYONE, ...inherit]) {
    const value = shell[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...own };
}

/** `{host}`, `{port}` and `{data}` filled in. */
export const filledIn = (
  text: string,
  places: { readonly host: string; readonly port: string; readonly data: string },
): string => text.replace(/\{(host|port|data)\}/g, (_, name: keyof typeof places) => places[name]);
