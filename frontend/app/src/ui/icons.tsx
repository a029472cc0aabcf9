/** Line icons of one weight, and the mark. Decorative: whatever holds one carries the label. */
import type { ReactNode, SVGProps } from "react";

function icon(paths: ReactNode) {
  return function Icon(props: SVGProps<SVGSVGElement>) {
    return (
      <svg
        viewBox="0 0 24 24"
        width="20"
        height="20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        {...props}
      >
        {paths}
      </svg>
    );
  };
}

export const BellIcon = icon(<path d="M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 2H5l1.5-2ZM12 5.5V3.5M10 21h4" />);
export const HashIcon = icon(<path d="M9.5 4 8 20M16 4l-1.5 16M4.5 9h15.5M4 15h15.5" />);
export const LockIcon = icon(<path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const SearchIcon = icon(<path d="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM20 20l-4.8-4.8" />);
export const SendIcon = icon(<path d="M4.5 12 4 4.5 20.5 12 4 19.5 4.5 12ZM4.5 12H12" />);
export const BackIcon = icon(<path d="m14.5 5-7 7 7 7" />);
export const CloseIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const PeopleIcon = icon(
  <path d="M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.6-3 3.2-5 6.5-5s5.9 2 6.5 5M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.9c1.9.8 3.1 2.5 3.5 4.6" />,
);
export const MoreIcon = icon(<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="2.5" />);
export const PencilIcon = icon(<path d="m4 20 1-4.5L16.5 4 20 7.5 8.5 19 4 20ZM14 6.5 17.5 10" />);
export const SmileIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM8.5 14c.8 1.4 2 2 3.5 2s2.7-.6 3.5-2M9 9.5h.01M15 9.5h.01" />);
export const LettersIcon = icon(<path d="M3 18 7.5 6 12 18M4.5 14h6M15 14.8a2.8 2.8 0 1 0 5.6 0 2.8 2.8 0 0 0-5.6 0ZM20.6 11.5V18" />);
export const CopyIcon = icon(<path d="M8.5 8.5h11v11h-11zM5 15.5H4.5v-11h11V5" />);
export const TrashIcon = icon(<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5" />);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7" />);
export const ClockIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2" />);
export const AlertIcon = icon(<path d="M12 4 2.5 20h19L12 4ZM12 10v4.5M12 17.3h.01" />);
export const InfoIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5M12 8h.01" />);
export const DownIcon = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const UpIcon = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const StarIcon = icon(<path d="m12 4 2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L4 9.8l5.6-.6L12 4Z" />);
export const LinkIcon = icon(<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2" />);
export const DownloadIcon = icon(<path d="M12 4v10.5M7 10l5 5 5-5M5 19.5h14" />);
export const TasksIcon = icon(<path d="M4 6.5l1.5 1.5L8 5M4 12.5 5.5 14 8 11M4 18.5 5.5 20 8 17M11.5 6.5H20M11.5 12.5H20M11.5 18.5H20" />);
export const LeaveIcon = icon(<path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9.5" />);
export const InviteIcon = icon(
  <path d="M10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 19.5c.6-3 3.2-5 6.5-5 1.5 0 2.9.4 4 1.1M18.5 14v6M15.5 17h6" />,
);
export const ChatIcon = icon(<path d="M4 5h16v11.5H10L5.5 20v-3.5H4V5Z" />);
export const ThreadIcon = icon(<path d="M4 4.5h16v10H9L5.5 18v-3.5H4v-10ZM8 8.5h8M8 11.5h5" />);
export const QuoteIcon = icon(<path d="M5 16.5c2.5-.5 4-2.3 4-5.5V7H4.5v5H9M14.5 16.5c2.5-.5 4-2.3 4-5.5V7H14v5h4.5" />);
export const ForwardIcon = icon(<path d="m13 6 6 6-6 6M19 12H9.5C6 12 4.5 14 4.5 18" />);
export const SunIcon = icon(
  <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />,
);

/** A bell under its beam, with two more behind it. */
export function Mark(props: SVGProps<SVGSVGElement>) {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" {...props}>
      <path className="fill-bronze" d="M3 4.5h26v2.6H3z" />
      <path
        className="fill-accent opacity-45"
        d="M8 8.5c2.2.3 3.3 2.3 3.3 5.2 0 3.2.8 4.6 2 5.9H2.7c1.2-1.3 2-2.7 2-5.9C4.7 10.8 5.8 8.8 8 8.5Zm16 0c2.2.3 3.3 2.3 3.3 5.2 0 3.2.8 4.6 2 5.9H18.7c1.2-1.3 2-2.7 2-5.9 0-2.9 1.1-4.9 3.3-5.2Z"
      />
      <path
        className="fill-accent"
        d="M16 8c3.7.4 5.5 3.6 5.5 8.2 0 4.7 1.2 6.7 3 8.6h-17c1.8-1.9 3-3.9 3-8.6C10.5 11.6 12.3 8.4 16 8Z"
      />
      <path className="fill-bronze" d="M13.4 26h5.2a2.6 2.6 0 0 1-5.2 0Z" />
    </svg>
  );
}
export const ArchiveIcon = icon(<path d="M4 5h16v4H4zM5.5 9v10h13V9M10 13h4" />);
export const SnoozeIcon = icon(<path d="M12 20.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM9.5 10.5h5l-5 5h5M4 6l2.5-2.5M20 6l-2.5-2.5" />);
export const TuneIcon = icon(<path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z" />);
export const QuestionIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.7 9.8a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1.1.9-1.1 1.7M12 16.4h.01" />);
export const ClipIcon = icon(<path d="M19.5 11.5 12 19a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.6 1.6 0 0 1-2.2-2.2L15 7.4" />);
export const FileIcon = icon(<path d="M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5V8.5h5" />);
export const SoundIcon = icon(<path d="M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z" />);
export const RetryIcon = icon(<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5" />);
export const NextIcon = icon(<path d="m9.5 5 7 7-7 7" />);
export const FlagIcon = icon(<path d="M6 20.5V4.5M6 5h11.5l-2.5 4 2.5 4H6" />);
export const ShieldIcon = icon(<path d="M12 3.5 5 6v5.5c0 4.2 2.9 7.4 7 9 4.1-1.6 7-4.8 7-9V6l-7-2.5Z" />);
export const BlockIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM6.2 6.2l11.6 11.6" />);
export const PinIcon = icon(<path d="M9 4h6l-.8 6 3.3 3.5h-11L9.8 10 9 4ZM12 13.5V20" />);
export const BookmarkIcon = icon(<path d="M6.5 4h11v16L12 15.5 6.5 20V4Z" />);
export const PollIcon = icon(<path d="M5 19.5v-8h3.5v8zM10.5 19.5v-15H14v15zM16 19.5v-5h3.5v5z" />);
export const AckIcon = icon(<path d="m2.5 12.5 4.5 4.5L16.5 7M12 15.5l1.5 1.5L21.5 8" />);
export const UnreadIcon = icon(<path d="M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM4 5h16M4 19h16" />);
