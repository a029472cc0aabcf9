/** Groups of people that a message can mention. */
import { api } from "./api.ts";

export interface Group {
  id: number;
  name: string;
  description: string;
  mentioned_by: "everybody" | "members";
  member_count: number;
}

/** A few whose name begins with the text. */
export function findGroups(text: string): Promise<Group[]> {
  return api("GET", `/groups?q=${encodeURIComponent(text)}`);
}
