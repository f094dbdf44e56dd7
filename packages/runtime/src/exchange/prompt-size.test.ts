import { expect, it } from "vitest";
import { promptSize } from "./prompt-size.ts";

it("counts text in any field, and pictures instead of their base64", () => {
  const picture = `data:image/png;base64,${"iVBORw0KGgo".repeat(200)}`;
  const size = promptSize({
    system: "12345",
    messages: [
      { role: "user", content: "1234567890" },
      {
        role: "user",
        content: [
          { type: "text", text: "abc" },
          { type: "image_url", image_url: { url: picture } },
          { type: "image", source: { type: "base64", data: "QUJD".repeat(300) } },
        ],
      },
    ],
    temperature: 1,
    stop: null,
  });
  expect(size.media).toBe(2);
  expect(size.chars).toBe("12345useruser1234567890textabcimage_urlimagebase64".length);
});

it("counts long text as text", () => {
  expect(promptSize("word ".repeat(1_000))).toEqual({ chars: 5_000, media: 0 });
  expect(promptSize("東京".repeat(1_000))).toEqual({ chars: 2_000, media: 0 });
});
