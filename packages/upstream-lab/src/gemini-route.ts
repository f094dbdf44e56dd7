/** Gemini's routes have the model and the method in the path. https://ai.google.dev/api/generate-content */
const ROUTE = /\/models\/(.+):(generateContent|streamGenerateContent|batchEmbedContents)$/;

/** The model and the method in a path; `undefined` for other routes. */
export function geminiRoute(path: string): { readonly model: string; readonly stream: boolean } | undefined {
  const [, model, method] = ROUTE.exec(path) ?? [];
  if (model === undefined) return undefined;
  return { model: decodeURIComponent(model), stream: method === "streamGenerateContent" };
}
