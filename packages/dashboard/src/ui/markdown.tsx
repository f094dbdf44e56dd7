/** Markdown of a model as elements. HTML in it is shown as text, and links go to http and https only: the text is hostile. */
import { lexer, type Token, type Tokens } from "marked";
import { memo, type ReactNode } from "react";

export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return <div className="markdown">{blocks(lexer(text))}</div>;
});

const blocks = (tokens: readonly Token[]): ReactNode[] =>
  // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end, so that a token keeps its place
  tokens.map((token, at) => <Block key={at} token={token} />);

function Block({ token }: { readonly token: Token }): ReactNode {
  switch (token.type) {
    case "heading":
      // The page has the headings above these.
      return (
        <p>
          <strong>{inline(token.tokens)}</strong>
        </p>
      );
    case "paragraph":
      return <p>{inline(token.tokens)}</p>;
    case "text":
      return "tokens" in token && token.tokens !== undefined ? inline(token.tokens) : token.raw;
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll
        <pre tabIndex={0}>
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      );
    case "list": {
      const { ordered, items, start } = token as Tokens.List;
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      const rows = items.map((item, at) => <li key={at}>{blocks(item.tokens)}</li>);
      return ordered ? <ol start={start === "" ? 1 : start}>{rows}</ol> : <ul>{rows}</ul>;
    }
    case "blockquote":
      return <blockquote>{blocks(token.tokens ?? [])}</blockquote>;
    case "hr":
      return <hr />;
    case "table":
      return <MarkdownTable token={token as Tokens.Table} />;
    case "space":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

function MarkdownTable({ token: { header, rows } }: { readonly token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls
    <div className="table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <th key={at}>{inline(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={at}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column}>{inline(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const inline = (tokens: readonly Token[] | undefined): ReactNode[] =>
  // biome-ignore lint/suspicious/noArrayIndexKey: as above
  (tokens ?? []).map((token, at) => <Inline key={at} token={token} />);

function Inline({ token }: { readonly token: Token }): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens)}</strong>;
    case "em":
      return <em>{inline(token.tokens)}</em>;
    case "del":
      return <s>{inline(token.tokens)}</s>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link": {
      const { href, tokens } = token as Tokens.Link;
      if (!/^https?:\/\//i.test(href)) return inline(tokens);
      return (
        <a href={href} target="_blank" rel="noreferrer noopener nofollow">
          {inline(tokens)}
        </a>
      );
    }
    // A picture would be a request to another host.
    case "image":
      return token.raw;
    case "escape":
      return (token as Tokens.Escape).text;
    case "text":
      return "tokens" in token && token.tokens !== undefined ? inline(token.tokens) : token.raw;
    default:
      return token.raw;
  }
}
