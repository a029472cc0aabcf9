/** A menu under a button. Not modal: a modal one writes style elements, which a strict content policy forbids. */
import * as Radix from "@radix-ui/react-dropdown-menu";
import type { ReactElement, ReactNode } from "react";

export function Menu({ trigger, align = "end", children }: { trigger: ReactElement; align?: "start" | "end"; children: ReactNode }) {
  return (
    <Radix.Root modal={false} dir={document.documentElement.dir === "rtl" ? "rtl" : "ltr"}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="rise z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const ITEM = "flex cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-2 outline-none select-none data-[disabled]:cursor-not-allowed data-[disabled]:opacity-50 data-[highlighted]:bg-hover";

interface ItemProps {
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, danger = false, disabled = false, onSelect, children }: ItemProps) {
  return (
    <Radix.Item onSelect={onSelect} disabled={disabled} className={`${ITEM} ${danger ? "text-danger" : ""}`}>
      <span className={danger ? "" : "text-muted"}>{icon}</span>
      {children}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="mx-1 my-1.5 h-px bg-line" />;
}

export function MenuChoice<T extends string>({ value, choices, onChange }: { value: T; choices: Record<T, string>; onChange: (value: T) => void }) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as T)} className="flex gap-1 px-1 pb-1">
      {(Object.keys(choices) as T[]).map((choice) => (
        <Radix.RadioItem
          key={choice}
          value={choice}
          onSelect={(event) => event.preventDefault()}
          className="flex-1 rounded-lg px-2.5 py-1.5 text-center text-sm outline-none select-none data-[highlighted]:bg-hover data-[state=checked]:bg-accent-soft data-[state=checked]:font-medium data-[state=checked]:text-accent-strong"
        >
          {choices[choice]}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}
