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
export const TrashIcon = icon(<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5" />);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7" />);
export const ClockIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2" />);
export const AlertIcon = icon(<path d="M12 4 2.5 20h19L12 4ZM12 10v4.5M12 17.3h.01" />);
export const InfoIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5M12 8h.01" />);
export const DownIcon = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const LeaveIcon = icon(<path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9.5" />);
export const InviteIcon = icon(
  <path d="M10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 19.5c.6-3 3.2-5 6.5-5 1.5 0 2.9.4 4 1.1M18.5 14v6M15.5 17h6" />,
);
export const ChatIcon = icon(<path d="M4 5h16v11.5H10L5.5 20v-3.5H4V5Z" />);
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
