// @vitest-environment happy-dom
import { act, type ReactNode, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Markdown } from "./markdown.tsx";
import { moved, Sortable } from "./sortable.tsx";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
let root: Root;
let box: HTMLElement;
beforeEach(() => {
  box = document.createElement("div");
  document.body.append(box);
  root = createRoot(box);
});
afterEach(() => {
  act(() => root.unmount());
  box.remove();
});
const show = (node: ReactNode): void => act(() => root.render(node));

describe("a model's text", () => {
  it("becomes elements, and HTML in it stays text", () => {
    show(
      <Markdown
        text={
          '# Hi\n\n**bold** `code` <img src=x onerror="alert(1)">\n\n<script>alert(1)</script>\n\n- one\n- two'
        }
      />,
    );
    expect(box.querySelector("img, script, [onerror]")).toBeNull();
    expect(box.textContent).toContain('<img src=x onerror="alert(1)">');
    expect(box.textContent).toContain("<script>alert(1)</script>");
    expect(box.querySelectorAll("li")).toHaveLength(2);
    expect(box.querySelectorAll("strong")[1]?.textContent).toBe("bold");
  });

  it("links to the web only, and loads no picture", () => {
    show(
      <Markdown
        text={
          "[a](javascript:alert(1)) [b](https://example.org) ![c](https://example.org/x.png) [d](data:text/html,x)"
        }
      />,
    );
    const links = [...box.querySelectorAll("a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org"]);
    expect(links[0]?.getAttribute("rel")).toContain("noopener");
    expect(box.querySelector("img")).toBeNull();
  });
});

describe("a sortable list", () => {
  function List() {
    const [items, setItems] = useState<readonly string[]>(["a", "b", "c"]);
    return <Sortable items={items} label="order" render={(item) => <b>{item}</b>} onChange={setItems} />;
  }
  const order = (): string => [...box.querySelectorAll("b")].map(({ textContent }) => textContent).join("");
  const press = (item: string, key: string): void =>
    act(() => {
      box
        .querySelector(`[data-item="${item}"]`)
        ?.dispatchEvent(new KeyboardEvent("keydown", { key, altKey: true, bubbles: true, cancelable: true }));
    });

  it("moves a row with Alt and the arrow keys, and says where it is", () => {
    show(<List />);
    press("c", "ArrowUp");
    expect(order()).toBe("acb");
    expect(box.querySelector("[aria-live]")?.textContent).toBe("c is at 2 of 3.");
    press("c", "ArrowUp");
    press("c", "ArrowUp");
    expect(order()).toBe("cab");
    press("c", "ArrowDown");
    expect(order()).toBe("acb");
  });

  it("moves and removes with buttons", () => {
    show(<List />);
    const click = (label: string): void =>
      act(() => (box.querySelector(`[aria-label="${label}"]`) as HTMLButtonElement).click());
    click("Move down: a");
    expect(order()).toBe("bac");
    click("Remove: b");
    expect(order()).toBe("ac");
  });

  it("keeps the list where there is nothing to move", () => {
    expect(moved(["a"], 3, 0)).toEqual(["a"]);
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  });
});
