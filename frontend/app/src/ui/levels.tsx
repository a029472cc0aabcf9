import type { Level } from "../live/model.ts";
import { AlertIcon, BellIcon, CheckIcon, InfoIcon } from "./icons.tsx";

/** The level of a notification, for the eye; the words are in its text. */
export function LevelIcon({ level, className = "" }: { level: Level; className?: string }) {
  switch (level) {
    case "info":
      return <InfoIcon className={`text-accent ${className}`} />;
    case "success":
      return <CheckIcon className={`text-accent ${className}`} />;
    case "warning":
      return <AlertIcon className={`text-bronze ${className}`} />;
    case "critical":
      return <BellIcon className={`text-danger ${className}`} />;
  }
}
