import { useMutation } from "@tanstack/react-query";
import { post } from "../../data/api.ts";
import type { Settings } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Copy, Modal } from "../../ui/parts.tsx";

const t = texts.providers;

export function RotateMasterKey({
  settings,
  onClose,
}: {
  readonly settings: Settings;
  readonly onClose: () => void;
}) {
  // Not kept once the dialog is closed.
  const rotate = useMutation({
    mutationFn: () => post<{ key: string; where: string }>("/admin/master-key"),
    gcTime: 0,
  });
  const { data } = rotate;
  return (
    <Modal title={t.rotate} onClose={onClose}>
      {settings.master_key === "shell" ? (
        <p>{t.rotateShell}</p>
      ) : data === undefined ? (
        <>
          <p>{t.rotateText}</p>
          {rotate.error === null ? null : <p className="bad-text">{rotate.error.message}</p>}
          <div className="row">
            <button
              type="button"
              className="danger"
              disabled={rotate.isPending}
              onClick={() => rotate.mutate()}
            >
              {t.rotateConfirm}
            </button>
            <button type="button" onClick={onClose}>
              {texts.cancel}
            </button>
          </div>
        </>
      ) : (
        <>
          <p>{t.rotated}</p>
          <pre>{data.key}</pre>
          <p>{t.rotatedWhere(data.where)}</p>
          <Copy text={data.key} />
        </>
      )}
    </Modal>
  );
}
