/** Four sentences for whoever is new here. Closing it is enough to skip it; it does not come again by itself. */
import { useState } from "react";
import { t } from "../text/t.ts";
import { BellIcon, ChatIcon, Mark, SearchIcon } from "../ui/icons.tsx";
import { Button, Dialog } from "../ui/parts.tsx";

const steps = () => [
  { icon: <Mark width={44} height={44} />, title: t("Welcome"), text: t("Rooms and conversations are at the side. What you have not read has a number; what mentions you has an @.") },
  { icon: <SearchIcon width={40} height={40} />, title: t("Find anything"), text: t("Ctrl K goes to every room and person, and does whatever the page can do. ? shows the other keys.") },
  { icon: <ChatIcon width={40} height={40} />, title: t("Write without a network"), text: t("What you write is kept and sent once you are back, in order, even if you close the page.") },
  { icon: <BellIcon width={40} height={40} />, title: t("Only what concerns you"), text: t("The bell keeps what you were told. You choose what disturbs you, and when, under your picture.") },
];

export function Tour({ onClose }: { onClose: () => void }) {
  const [at, setAt] = useState(0);
  const all = steps();
  const step = all[at];
  if (step === undefined) return null;
  const isLast = at === all.length - 1;
  return (
    <Dialog title={step.title} onClose={onClose}>
      <div className="flex flex-col items-center gap-5 pt-2 text-center">
        <span className="text-accent">{step.icon}</span>
        <p className="min-h-18" aria-live="polite">
          {step.text}
        </p>
        <p className="text-sm text-muted">{t("{n} of {total}", { n: at + 1, total: all.length })}</p>
        <div className="flex w-full justify-between gap-2">
          <Button tone="quiet" onClick={onClose}>
            {t("Skip")}
          </Button>
          <Button data-autofocus onClick={() => (isLast ? onClose() : setAt(at + 1))}>
            {isLast ? t("Begin") : t("Next")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
