// The public face of @starling/crypto.

export { CryptoError, type CryptoErrorCode } from './crypto-error.ts';
export { digestOf, domainDigest } from './digest.ts';
export {
  createIdentity,
  generateSeed,
  type Identity,
  MEMBER_DOMAIN,
  memberIdOf,
  verifySignature,
} from './identity.ts';
export { decodeKeyFile, encodeKeyFile, KEY_FILE_CHARS_MAX, type KeyFile } from './key-file.ts';
export {
  LEAF_BYTES,
  leafOf,
  payloadLeaves,
  payloadRef,
  payloadRootFromLeaves,
} from './merkle-root.ts';
export { nobleSignatures } from './noble-signatures.ts';
export { hasNodeSignatures, nodeSignatures } from './node-signatures.ts';
export {
  type OpenedGenesis,
  type OpenedInvitation,
  openGenesis,
  openInvitation,
} from './open-invitation.ts';
export {
  isMessageOf,
  type OpenOptions,
  openMessage,
  openSelfSigned,
  type SelfSignedOptions,
} from './open-message.ts';
export { CLOCK_SKEW_MAX_MS, type FrameExpectation } from './parse-frame.ts';
export {
  REPLAY_SENDERS_MAX,
  REPLAY_WINDOW_SEQS,
  type ReplayVerdict,
  ReplayWindow,
} from './replay-window.ts';
export {
  bodyDigest,
  encodeBody,
  type MessageContent,
  sealMessage,
  statementBytes,
} from './seal-message.ts';
export { selectSignatureBackend } from './select-signature-backend.ts';
export {
  CONTEXT_BYTES_MAX,
  type KeyPair,
  PUBLIC_KEY_BYTES,
  SEED_BYTES,
  SIGNATURE_BYTES,
  type SignatureBackend,
  SUITE,
} from './signature-backend.ts';
export { type StatementParts, verifyStatement } from './verify-statement.ts';
