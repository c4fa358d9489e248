// A person with Element's library, steered by JSON lines: {id, ask, with} in, {id, answer} or
// {id, error} out, and {event} unasked for all that happens in its rooms. Logs go to stderr.

import { Console } from "node:console";
import { createInterface } from "node:readline";

// Before the library loads, because stdout belongs to the answers.
globalThis.console = new Console(process.stderr);
console.trace = console.debug = console.info = console.log = () => {};
process.on("unhandledRejection", (error) => console.error(error));

const LIBRARY = "matrix-js-sdk/lib";
const sdk = await import(`${LIBRARY}/index.js`);
const cryptoApi = await import(`${LIBRARY}/crypto-api/index.js`);
const { PollStartEvent } = await import(`${LIBRARY}/extensible_events_v1/PollStartEvent.js`);
const { PollResponseEvent } = await import(`${LIBRARY}/extensible_events_v1/PollResponseEvent.js`);
const { PollEndEvent } = await import(`${LIBRARY}/extensible_events_v1/PollEndEvent.js`);

const ENCRYPTION = "m.room.encryption";
const PATIENCE_MS = 20_000;
const unreadable = new Set(); // ids of events that were reported without their content
let client; // from login on
let credentials; // what a homeserver wants to see again before it replaces keys
let storageKey; // opens the account's secret storage, once it is known

function write(message) {
    process.stdout.write(JSON.stringify(message) + "\n");
}

/** Element goes by what stands outside of the encryption, where anything does. */
function relation(event) {
    return event.getWireContent()["m.relates_to"] ?? event.getContent()["m.relates_to"];
}

/** The event as this client shows it at this moment. */
async function described(event) {
    await client.decryptEventIfNeeded(event);
    const info = await client.getCrypto().getEncryptionInfoForEvent(event);
    return {
        room: event.getRoomId(),
        id: event.getId() ?? "",
        type: event.getType(),
        sender: event.getSender(),
        content: event.getContent(),
        state_key: event.getStateKey() ?? null,
        relation: relation(event) ?? {},
        encrypted: event.isEncrypted(),
        failure: event.decryptionFailureReason,
        shield: cryptoApi.EventShieldColour[info?.shieldColour] ?? null,
        reason: cryptoApi.EventShieldReason[info?.shieldReason] ?? null,
    };
}

// One after another, so that a slow decryption lets no later event overtake.
let reports = Promise.resolve();
function report(event) {
    reports = reports
        .then(async () => {
            const description = await described(event);
            if (description.failure) unreadable.add(description.id);
            write({ event: description });
        })
        .catch((error) => console.error(error));
}

function listen() {
    client.on("Room.timeline", (event, room, toStart, removed, { liveEvent } = {}) => {
        // With a status it is only our own message on its way out.
        if (liveEvent && !removed && event.status === null) report(event);
    });
    client.on("Room.myMembership", (room, membership) => {
        if (membership !== "invite") return;
        report(room.currentState.getStateEvents("m.room.member", client.getUserId()));
    });
    client.on("Event.decrypted", (event) => {
        if (!event.isDecryptionFailure() && unreadable.delete(event.getId())) report(event);
    });
}

/** Wait until the check holds; it is looked at again after every sync. */
async function until(what, check) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await check())) {
        if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
        await new Promise((resolve) => {
            const timer = setTimeout(resolve, 200);
            client.once("sync", () => resolve(clearTimeout(timer)));
        });
    }
}

/** The library would write in the clear to a room that it has not seen yet. */
async function entered(room, encrypted) {
    await until(`join of ${room}`, () => client.getRoom(room)?.getMyMembership() === "join");
    if (!encrypted) return;
    await until(`encryption of ${room}`, () => client.getCrypto().isEncryptionEnabledInRoom(room));
}

async function send(room, { type, content }) {
    return (await client.sendEvent(room, null, type, content)).event_id;
}

/** Confirm with the password what the server does not accept without. */
async function confirmed(request) {
    try {
        return await request(null);
    } catch (error) {
        if (error.httpStatus !== 401 || !error.data?.session) throw error;
        return request({ ...credentials, session: error.data.session });
    }
}

async function decryptedFile(file, bytes) {
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes));
    if (!digest.equals(Buffer.from(file.hashes.sha256, "base64")))
        throw new Error("sha256 differs: this is not the file that was sent");
    const key = await crypto.subtle.importKey("jwk", file.key, "AES-CTR", false, ["decrypt"]);
    const counter = Buffer.from(file.iv, "base64");
    return crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, key, bytes);
}

const actions = {
    async login({ homeserver, user, password }) {
        const identifier = { type: "m.id.user", user };
        credentials = { type: "m.login.password", identifier, password };
        const session = await sdk.createClient({ baseUrl: homeserver }).loginRequest(credentials);
        client = sdk.createClient({
            baseUrl: homeserver,
            userId: session.user_id,
            deviceId: session.device_id,
            accessToken: session.access_token,
            cryptoCallbacks: {
                getSecretStorageKey: async ({ keys }) =>
                    storageKey ? [Object.keys(keys)[0], storageKey] : null,
            },
        });
        await client.initRustCrypto({ useIndexedDB: false });
        const detached = { lazyLoadMembers: true, pendingEventOrdering: "detached" };
        await client.startClient({ initialSyncLimit: 100, ...detached });
        await until("first sync", () => client.isInitialSyncComplete());
        listen();
        return session.device_id;
    },
    async sign({ replace }) {
        await client.getCrypto().bootstrapCrossSigning({
            setupNewCrossSigning: replace,
            authUploadDeviceSigningKeys: confirmed,
        });
    },
    async keepKeys() {
        const recovery = await client.getCrypto().createRecoveryKeyFromPassphrase();
        storageKey = recovery.privateKey;
        await client.getCrypto().bootstrapSecretStorage({
            setupNewSecretStorage: true,
            createSecretStorageKey: async () => recovery,
        });
        return recovery.encodedPrivateKey;
    },
    async recoverKeys({ recoveryKey }) {
        storageKey = cryptoApi.decodeRecoveryKey(recoveryKey);
        const { privateKeysInSecretStorage } = await client.getCrypto().getCrossSigningStatus();
        // Else the library would replace the account's keys instead of fetching them.
        if (!privateKeysInSecretStorage) throw new Error("no keys in the secret storage");
        await client.getCrypto().bootstrapCrossSigning({});
    },

    async create({ options }) {
        const { room_id: room } = await client.createRoom(options);
        await entered(room, options.initial_state?.some(({ type }) => type === ENCRYPTION));
        return room;
    },
    async join({ room }) {
        const { roomId } = await client.joinRoom(room);
        await entered(roomId);
        return roomId;
    },
    invite: ({ room, user }) => client.invite(room, user),
    leave: ({ room }) => client.leave(room),
    async encrypt({ room, content }) {
        await client.sendStateEvent(room, ENCRYPTION, content, "");
        await entered(room, true);
    },

    send: ({ room, type, content }) => send(room, { type, content }),
    redact: async ({ room, event }) => (await client.redactEvent(room, event)).event_id,
    startPoll: ({ room, question, answers, kind, choices }) =>
        send(room, PollStartEvent.from(question, answers, kind, choices).serialize()),
    vote: ({ room, poll, answers }) =>
        send(room, PollResponseEvent.from(answers, poll).serialize()),
    endPoll: ({ room, poll, text }) => send(room, PollEndEvent.from(poll, text).serialize()),

    async trust({ user }) {
        const api = client.getCrypto();
        const person = await api.getUserVerificationStatus(user);
        const devices = {};
        for (const id of (await api.getUserDeviceInfo([user], true)).get(user)?.keys() ?? []) {
            const device = await api.getDeviceVerificationStatus(user, id);
            devices[id] = {
                signed_by_owner: device?.signedByOwner ?? false,
                cross_signing_verified: device?.crossSigningVerified ?? false,
                verified: device?.isVerified() ?? false,
            };
        }
        return {
            known: person.known,
            verified: person.isVerified(),
            needs_approval: person.needsUserApproval,
            devices,
        };
    },
    isolate({ strict }) {
        const mode = strict
            ? new cryptoApi.OnlySignedDevicesIsolationMode()
            : new cryptoApi.AllDevicesIsolationMode(false);
        client.getCrypto().setDeviceIsolationMode(mode);
    },

    async download({ content: { file, url } }) {
        const media = `${client.baseUrl}/_matrix/client/v1/media/download/`;
        const address = (file?.url ?? url).replace("mxc://", media);
        const authorization = `Bearer ${client.getAccessToken()}`;
        const response = await fetch(address, { headers: { authorization } });
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
        const bytes = await response.arrayBuffer();
        return Buffer.from(file ? await decryptedFile(file, bytes) : bytes).toString("base64");
    },
    timeline({ room }) {
        const events = client.getRoom(room)?.getLiveTimeline().getEvents() ?? [];
        return Promise.all(events.map(described));
    },

    logout: () => client.logout(true),
    logoutEverywhere: () => client.http.authedRequest("POST", "/logout/all"),
};

async function answer(line) {
    let id = null;
    try {
        const request = JSON.parse(line);
        id = request.id;
        write({ id, answer: (await actions[request.ask](request.with)) ?? null });
    } catch (error) {
        write({ id, error: `${error?.name}: ${error?.message}` });
    }
}

// Our parent holds the other end of stdin: when it dies, so do we.
createInterface({ input: process.stdin })
    .on("line", answer)
    .on("close", () => process.exit(0));
