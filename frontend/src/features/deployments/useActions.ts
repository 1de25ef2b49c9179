import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { cancelDeployment, deleteDeployment, redeploy } from "@/api/deployments";
import { pageHref } from "./describe";

/** Cancel, redeploy and delete. What they changed is read again from the server, never assumed. */
export function useActions(id: string) {
  const queries = useQueryClient();
  const router = useRouter();
  const readAgain = () => queries.invalidateQueries({ queryKey: ["deployment", id] });
  const listChanged = () => queries.invalidateQueries({ queryKey: ["deployments"] });
  const cancel = useMutation({ mutationFn: () => cancelDeployment(id), onSettled: readAgain });
  const again = useMutation({
    mutationFn: () => redeploy(id),
    onSuccess: async (made) => {
      await listChanged();
      router.push(pageHref(made.id));
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteDeployment(id),
    onSuccess: async () => {
      router.push("/deployments/");
      await listChanged();
    },
  });
  return { cancel, again, remove };
}
