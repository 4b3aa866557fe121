/** Two processes of the sketched kernel talk: what design-examples.spec.ts runs. */
import { ANY } from "./endpoint.ts";
import { receive, send } from "./ipc.ts";
import { Read } from "./message.ts";
import { lookup, processes } from "./process.ts";
import { Status } from "./status.ts";

const letter = new Read();
const inbox = new Read();

/** A sends to B before B listens; B gets the letter with A's endpoint in it. Returns sector * 100 + source, or a negative step. */
export function converse(): i32 {
  const client = processes[10];
  const server = processes[11];
  for (const process of processes) process.privilege = process.slot & 31;
  client.endpoint = 10;
  server.endpoint = 11;
  server.privilege = 5;
  client.blocked = 0;
  server.blocked = 0;
  letter.sector = 7;
  if (send(client, 11, address(letter)) !== Status.Denied) return -1;
  client.mayCall = 1 << 5;
  if (send(client, 12, address(letter)) !== Status.DeadEndpoint) return -2;
  if (send(client, 11, address(letter)) !== Status.Ok || client.blocked === 0) return -3;
  if (receive(server, ANY, address(inbox)) !== Status.Ok || client.blocked !== 0) return -4;
  return lookup(11) === server ? i32(inbox.sector) * 100 + inbox.source : -5;
}
