// A chat on Socket.IO with its Redis adapter, as their documentation shows rooms and several servers.
// node server.js PORT, with REDIS_SOCKET: the path of Redis' unix socket.
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const publisher = createClient({ socket: { path: process.env.REDIS_SOCKET } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const io = new Server({ adapter: createAdapter(publisher, subscriber) });

io.on("connection", (socket) => {
  socket.on("join", (room) => {
    socket.data.room = room;
    socket.join(room);
    socket.emit("joined");
  });
  socket.on("chat", (text) => {
    io.to(socket.data.room).emit("chat", text);
  });
});

io.listen(Number(process.argv[2]));
