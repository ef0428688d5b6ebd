/** Saves what is on show. */
import type { Entry } from '../model/entry.ts';
import { fileName, toCsv, toJson, toJsonLines } from '../model/export.ts';
import type { Shown } from '../model/shown.ts';
import { Menu } from './menu.tsx';

interface ExportMenuProps {
  readonly entry: Entry;
  readonly shown: Shown;
  readonly picture: () => Promise<Blob | null>;
}

export function ExportMenu({ entry, shown, picture }: ExportMenuProps) {
  const { title } = entry.extraction;
  const ways = [
    {
      name: 'JSON',
      what: 'opens here again',
      ending: 'json',
      make: () => text(toJson(entry, shown), 'application/json'),
    },
    {
      name: 'JSON Lines',
      what: 'a fact a line',
      ending: 'jsonl',
      make: () => text(toJsonLines(entry, shown), 'application/x-ndjson'),
    },
    {
      name: 'CSV',
      what: 'a table of facts',
      ending: 'csv',
      make: () => text(toCsv(entry, shown), 'text/csv'),
    },
    { name: 'PNG', what: 'a picture of the graph', ending: 'png', make: picture },
  ];
  return (
    <Menu label="Export" className="export">
      {(close) => (
        <>
          <p class="note">What is on show: {shown.facts.length} facts</p>
          <ul>
            {ways.map(({ name, what, ending, make }) => (
              <li key={name}>
                <button
                  type="button"
                  onClick={async () => {
                    const blob = await make();
                    if (blob) save(blob, fileName(title, ending));
                    close();
                  }}
                >
                  <strong>{name}</strong> <span class="quiet">{what}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Menu>
  );
}

const text = (content: string, type: string): Blob => new Blob([content], { type });

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
