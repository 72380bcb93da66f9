// A random key encrypts every record (AES-GCM); it is itself kept wrapped by a key derived from the PIN (PBKDF2-HMAC-SHA-256).
// What this protects against, and what it does not: docs/adr, "Encrypted on the telephone".

const subtle = crypto.subtle;
const AES = { name: "AES-GCM", length: 256 };
const bytes = (n) => crypto.getRandomValues(new Uint8Array(n));

async function keyOfPin(pin, salt, rounds) {
  const typed = await subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, typed, AES, false, ["wrapKey", "unwrapKey"]);
}

// A new vault: what is kept of it, and the key that opens the records.
export async function newVault(pin, rounds) {
  const [salt, iv] = [bytes(16), bytes(12)];
  const made = await subtle.generateKey(AES, true, ["encrypt", "decrypt"]);
  const wrapped = await subtle.wrapKey("raw", made, await keyOfPin(pin, salt, rounds), { name: "AES-GCM", iv });
  const vault = { salt, iv, wrapped, rounds };
  return { vault, key: await unlock(vault, pin) };
}

// The key of a vault, which leaves the browser's keeping no more; null when the PIN is wrong.
export async function unlock(vault, pin) {
  const opener = await keyOfPin(pin, vault.salt, vault.rounds);
  try {
    return await subtle.unwrapKey("raw", vault.wrapped, opener, { name: "AES-GCM", iv: vault.iv }, AES, false, ["encrypt", "decrypt"]);
  } catch {
    return null;
  }
}

// `place` is bound in: a record copied to another place does not open there.
export async function seal(key, place, value) {
  const iv = bytes(12);
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const data = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }, key, plain);
  return { iv, data };
}

export async function open(key, place, sealed) {
  const given = { name: "AES-GCM", iv: sealed.iv, additionalData: new TextEncoder().encode(place) };
  return JSON.parse(new TextDecoder().decode(await subtle.decrypt(given, key, sealed.data)));
}
