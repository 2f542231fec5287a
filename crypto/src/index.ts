// The public face of @starling/crypto.

export { AEAD_KEY_BYTES, AEAD_TAG_BYTES, openOnce, sealOnce } from './aead.ts';
export type { BackendName } from './backend-name.ts';
export { type Backends, chosenBackends } from './backends.ts';
export {
  type BindingTerms,
  type OpenedRecord,
  openBinding,
  openRotation,
  sealBinding,
  sealRotation,
} from './binding.ts';
export { PROVE_WITHIN_MS } from './channel/challenged-channel.ts';
export {
  type ChannelMember,
  encodeChallenge,
  proveChannel,
  verifyChannelProof,
} from './channel/channel-proof.ts';
export { ProvedChannels } from './channel/proved-channels.ts';
export {
  CHANNEL_KEY_BYTES,
  type ChannelKey,
  createChannelKey,
  transportIdOfKey,
  verifyChannelSignature,
} from './channel-key.ts';
export { CryptoError, type CryptoErrorCode } from './crypto-error.ts';
export { digestOf, domainDigest, domainHash } from './digest.ts';
export { DurableReplayWindow } from './durable-replay-window.ts';
export { HKDF_BYTES_MAX, HKDF_INFO_BYTES_MAX, hkdfSha256 } from './hkdf.ts';
export {
  createIdentity,
  generateSeed,
  type Identity,
  MEMBER_DOMAIN,
  memberIdOf,
  verifySignature,
} from './identity.ts';
export {
  KEM_SECRET_BYTES,
  KEM_SIZES,
  type KemBackend,
  type KemEncapsulation,
  type KemKey,
  type KemSizes,
  type KemSuite,
  type MlKemSuite,
} from './kem/kem-backend.ts';
export { nobleKem } from './kem/noble-kem.ts';
export { hasNodeKem, nodeKem, selectKemBackend } from './kem/select-kem-backend.ts';
export {
  createXWingKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_SECRET_BYTES,
  X_WING_SEED_BYTES,
  type XWingKey,
  xWingEncapsulate,
} from './kem/x-wing.ts';
export {
  decodeKeyFile,
  describeKeyFile,
  encodeKeyFile,
  type KeyFile,
} from './key-file/key-file.ts';
export {
  PASSPHRASE_BYTES_MAX,
  PASSPHRASE_BYTES_MIN,
  SCRYPT_COST_MIN,
  SCRYPT_MEMORY_BYTES_MAX,
  SCRYPT_PARALLEL_MAX,
  SCRYPT_PARAMETERS,
  type ScryptParameters,
} from './key-file/passphrase-lock.ts';
export {
  decodeSecretFile,
  encodeSecretFile,
  KEY_FILE_CHARS_MAX,
  type LockOptions,
  type SecretFile,
  type SecretNames,
} from './key-file/secret-file.ts';
export { KEYSTREAM_BYTES_MAX, KEYSTREAM_KEY_BYTES, Keystream } from './keystream.ts';
export {
  LEAF_BYTES,
  leafOf,
  payloadLeaves,
  payloadRef,
  payloadRootFromLeaves,
} from './merkle-root.ts';
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

export { CLOCK_SKEW_MAX_MS, decodeAs, type FrameExpectation } from './parse-frame.ts';
export { gaussianRdp, type Sampling } from './privacy/accountant.ts';
export {
  type DistributedNoise,
  type NoiseShape,
  noiseProblem,
  noiseShape,
} from './privacy/distributed-noise.ts';
export { type GradientPrivacy, poissonBatch, privatiseGradients } from './privacy/dp-sgd.ts';
export { addGaussianNoise, type GaussianNoise } from './privacy/gaussian-mechanism.ts';
export { decodePrivateSum, encodePrivateUpdate } from './privacy/private-update.ts';
export {
  RDP_CURVE_BYTES,
  type RdpConversion,
  RdpCurve,
  type SpentEpsilon,
} from './privacy/rdp-curve.ts';
export {
  centralCost,
  combinedCost,
  distributedCost,
  type GradientNoise,
  gradientCost,
  NO_NOISE,
  type NoiseSource,
  PRIVACY_UNITS,
  type PrivacyUnit,
  type RoundCost,
} from './privacy/round-cost.ts';

export { type RandomSource, systemRandom } from './random-source.ts';
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
  type SignedStatement,
  sealMessage,
  signStatement,
  statementFrame,
} from './seal-message.ts';
export { certifyingSigners, verifiedSigners } from './secagg/certificate.ts';
export {
  answeredIn,
  audienceOf,
  isOpenable,
  objectionToStatement,
  openCoordinator,
  stepCoordinator,
} from './secagg/coordinator-machine.ts';
export {
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  type FailedSession,
  type MemberStatement,
  survivorsOf,
  toStatement,
} from './secagg/coordinator-state.ts';
export { shareCommitment } from './secagg/derive.ts';
export { draftAnnounce, type SessionDraft } from './secagg/draft-announce.ts';
export {
  type DecodedSum,
  decodeSum,
  decodeSumInTurns,
  encodeUpdate,
  encodeUpdateInTurns,
  type FixedPoint,
  overflowOf,
} from './secagg/fixed-point.ts';
export { COMPLETE_PARTICIPANTS_MAX, neighbourhoods, neighboursOf } from './secagg/graph.ts';
export {
  type AdversaryClass,
  completeThreshold,
  corruptMax,
  findGraphParameters,
  type GraphParameters,
  type GraphRequirements,
} from './secagg/graph-parameters.ts';
export { groupsOf, roundBeacon } from './secagg/groups.ts';
export { applyMasks, type Mask } from './secagg/masks.ts';
export { beginMember, stepMember } from './secagg/member-machine.ts';
export type {
  AbortReason,
  MemberEffect,
  MemberEvent,
  MemberPhase,
  MemberState,
  MemberStep,
  MemberTask,
  ReceivedPacket,
} from './secagg/member-state.ts';
export { type LeafTree, runMemberTask, treeOfLeaves } from './secagg/member-tasks.ts';
export {
  type OpenedSecrets,
  type OpenResult,
  openSecrets,
  openUnmaskShares,
} from './secagg/open-masks.ts';
export { type Pace, yieldingPace } from './secagg/pace.ts';
export { phaseRoot, type Said, survivorsDigest } from './secagg/phase-root.ts';
export {
  addBytesInto,
  addInto,
  bytesOf,
  type RingLayout,
  ringVectorFromBytes,
  ringVectorToBytes,
  STATISTICS,
  subtractFrom,
  wordsOf,
} from './secagg/ring-vector.ts';
export {
  boundsOf,
  GLOBAL_CERTIFICATE_MAX,
  openSession,
  type Session,
  type SessionBounds,
  sessionId,
  shareholdersOf,
} from './secagg/session.ts';
export { sessionCost } from './secagg/session-noise.ts';
export {
  DEFAULT_SESSION_POLICY,
  hidingMin,
  objectionToSession,
  type SessionPolicy,
} from './secagg/session-policy.ts';
export {
  encodeForSession,
  type LocalStatistics,
  layoutOf,
  maskUpdate,
  SessionSum,
  vectorBytes,
} from './secagg/session-sum.ts';
export {
  combineShares,
  HOLDERS_MAX,
  SECRET_BYTES,
  type SecretShare,
  splitSecret,
} from './secagg/shamir.ts';
export { decodeLeaf } from './secagg/share-packets.ts';
export {
  type CheckedTranscript,
  encodeTranscript,
  openTranscript,
  type TranscriptKeys,
} from './secagg/transcript.ts';
export { masksOfSum, wrapsNeeded } from './secagg/unmask-sum.ts';
export { seededSource } from './seeded-source.ts';
export {
  claimDigest,
  type SignatureClaim,
  statementClaim,
  type VerifyClaim,
  verifyLater,
  verifyNow,
} from './signature-claim.ts';
export { nobleSignatures } from './signatures/noble-signatures.ts';
export { hasNodeSignatures, nodeSignatures } from './signatures/node-signatures.ts';
export { selectSignatureBackend } from './signatures/select-signature-backend.ts';
export {
  CONTEXT_BYTES_MAX,
  type KeyPair,
  PUBLIC_KEY_BYTES,
  SEED_BYTES,
  SIGNATURE_BYTES,
  SIGNATURE_SIZES,
  type SignatureBackend,
  type SignatureSizes,
  type SignatureSuite,
  SUITE,
} from './signatures/signature-backend.ts';
export { provedMessage, readUnproved, type UnprovedMessage } from './unproved-message.ts';
export {
  type ClaimAnswer,
  VERIFYING_MAX,
  VerificationQueue,
  WAITING_MAX,
} from './verification-queue.ts';
export { type StatementParts, verifyStatement } from './verify-statement.ts';
