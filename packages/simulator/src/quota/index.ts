export { type BackgroundFigures, backgroundFigures } from "./background.ts";
export { type Bar, barsOf } from "./bars.ts";
export { type Compared, perform, type Task } from "./compare.ts";
export type { Figures, Section } from "./figures.ts";
export { errorOf, type ForecastDay, forecastDay, isAdviceBest } from "./forecast.ts";
export { SCENARIOS, type Scenario } from "./scenarios.ts";
export { type SimulateOptions, simulate } from "./simulate.ts";
export { asMarkdown, asText, barLine } from "./table.ts";
