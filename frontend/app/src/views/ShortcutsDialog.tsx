/** What the keyboard can do. */
import { t } from "../text/t.ts";
import { Dialog } from "../ui/parts.tsx";

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
const CTRL = MAC ? "⌘" : "Ctrl";
const ALT = MAC ? "⌥" : "Alt";

const groups = (): { title: string; keys: [string[], string][] }[] => [
  {
    title: t("Everywhere"),
    keys: [
      [[CTRL, "K"], t("Go to a room or a person, or do something")],
      [[ALT, "↑"], t("The room above")],
      [[ALT, "↓"], t("The room below")],
      [[ALT, "⇧", "↓"], t("The next room with something unread")],
      [["Esc"], t("Back to writing; closes what is open")],
      [["?"], t("This list")],
      [["F8"], t("To the notifications that are shown")],
    ],
  },
  {
    title: t("While writing"),
    keys: [
      [["↵"], t("Send")],
      [["⇧", "↵"], t("A new line")],
      [["↑"], t("Edit your last message, in an empty field")],
      [["@"], t("Mention somebody")],
    ],
  },
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("Keyboard shortcuts")} onClose={onClose}>
      <div className="flex flex-col gap-5">
        {groups().map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3 className="pb-1 text-sm font-medium text-muted">{title}</h3>
            <dl className="divide-y divide-line">
              {keys.map(([combination, meaning]) => (
                <div key={meaning} className="flex items-center justify-between gap-4 py-1.5">
                  <dt>{meaning}</dt>
                  <dd className="flex shrink-0 gap-1" dir="ltr">
                    {combination.map((key) => (
                      <kbd key={key} className="min-w-6 rounded-md border border-line bg-surface px-1.5 text-center text-sm">
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
