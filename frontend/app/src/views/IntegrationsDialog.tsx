/** The webhooks of a room: programs that write into it, and programs that are told what is written. For its owners. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { createHook, type Hook, type HookSecrets, hooksOf, removeHook, renewHook, secretsOf } from "../live/hooks.ts";
import type { Room } from "../live/model.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

export default function IntegrationsDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const [hooks, setHooks] = useState<Hook[] | null>(null);
  const [adding, setAdding] = useState<Hook["direction"] | null>(null);
  const { error, run } = useRequest();
  const load = useCallback(() => run(async () => setHooks(await hooksOf(room.id))), [run, room.id]);
  useEffect(load, [load]);
  const added = () => {
    setAdding(null);
    load();
  };
  return (
    <Dialog title={t("Integrations")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {hooks === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {hooks?.length === 0 && adding === null && (
        <p className="py-4 text-muted">{t("No program is connected to this room yet. An incoming webhook writes into it; an outgoing one is told what is written here.")}</p>
      )}
      <ul className="flex flex-col divide-y divide-line">
        {hooks?.map((hook) => (
          <OneHook key={hook.id} hook={hook} onChange={load} />
        ))}
      </ul>
      {adding === null ? (
        <div className="flex flex-wrap gap-2 pt-4">
          <Button tone="outline" onClick={() => setAdding("incoming")}>
            {t("Add an incoming webhook")}
          </Button>
          <Button tone="outline" onClick={() => setAdding("outgoing")}>
            {t("Add an outgoing webhook")}
          </Button>
        </div>
      ) : (
        <NewHook room={room} direction={adding} onAdded={added} onCancel={() => setAdding(null)} />
      )}
    </Dialog>
  );
}

function NewHook({ room, direction, onAdded, onCancel }: { room: Room; direction: Hook["direction"]; onAdded: () => void; onCancel: () => void }) {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    run(async () => {
      await createHook(currentSession(), room.id, { direction, name: text("name"), url: text("url"), triggers: text("triggers") });
      onAdded();
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 border-t border-line pt-4">
      <h3 className="font-medium">{direction === "incoming" ? t("A program that writes into this room") : t("A program that is told what is written here")}</h3>
      <Field label={t("Name")} hint={t("As it will be seen in the room.")}>
        <input className="field" name="name" required maxLength={64} data-autofocus />
      </Field>
      {direction === "outgoing" && (
        <>
          <Field label={t("Address")} hint={t("Each message is sent there, signed.")}>
            <input className="field" name="url" type="url" required placeholder="https://" maxLength={2000} />
          </Field>
          <Field label={t("First words")} hint={t("Only messages that begin with one of them; none: all messages.")}>
            <input className="field" name="triggers" maxLength={300} placeholder="deploy build" />
          </Field>
        </>
      )}
      <ErrorText>{error}</ErrorText>
      <div className="flex justify-end gap-2">
        <Button tone="quiet" onClick={onCancel}>
          {t("Cancel")}
        </Button>
        <Button type="submit" disabled={busy}>
          {t("Add")}
        </Button>
      </div>
    </form>
  );
}

function OneHook({ hook, onChange }: { hook: Hook; onChange: () => void }) {
  const [secrets, setSecrets] = useState<HookSecrets | null>(null);
  const { busy, error, run } = useRequest();
  const act = (action: (hook: Hook) => Promise<unknown>) =>
    run(async () => {
      await action(hook);
      setSecrets(null);
      onChange();
    });
  return (
    <li className="flex flex-col gap-2 py-3">
      <p className="flex items-baseline gap-2">
        <span className="min-w-0 truncate font-medium">{hook.name}</span>
        <span className="text-sm text-muted">{hook.direction === "incoming" ? t("incoming") : t("outgoing")}</span>
      </p>
      {hook.direction === "outgoing" && <p className="text-sm [overflow-wrap:anywhere] text-muted">{hook.url}</p>}
      {!hook.active && <p className="text-sm text-danger">{t("Switched off: {failure}", { failure: hook.failure })}</p>}
      {hook.active && hook.failure !== "" && <p className="text-sm text-bronze">{t("Tried again soon: {failure}", { failure: hook.failure })}</p>}
      {secrets !== null && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 rounded-xl bg-surface p-3 text-sm">
          {secrets.path !== "" && <Secret name={t("Address")} value={location.origin + secrets.path} />}
          {secrets.token !== "" && <Secret name={t("Token")} value={secrets.token} />}
          <Secret name={t("Signing secret")} value={secrets.secret} />
        </dl>
      )}
      <ErrorText>{error}</ErrorText>
      <div className="flex flex-wrap gap-2">
        <Button tone="outline" className="px-3! py-1! text-sm" disabled={busy} onClick={() => run(async () => setSecrets(secrets === null ? await secretsOf(hook) : null))}>
          {secrets === null ? t("Show secrets") : t("Hide secrets")}
        </Button>
        <Button tone="outline" className="px-3! py-1! text-sm" disabled={busy} onClick={() => act((one) => renewHook(currentSession(), one))}>
          {t("New secrets")}
        </Button>
        <Button tone="outline" className="px-3! py-1! text-sm text-danger!" disabled={busy} onClick={() => act((one) => removeHook(currentSession(), one))}>
          {t("Remove")}
        </Button>
      </div>
    </li>
  );
}

function Secret({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="font-mono [overflow-wrap:anywhere] select-all">{value}</dd>
    </>
  );
}
