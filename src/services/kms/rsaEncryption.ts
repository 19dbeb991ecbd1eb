/** RSAES-OAEP. Private keys are PKCS #8 and public keys SubjectPublicKeyInfo, both in DER. */
import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from 'node:crypto';

export function encryptRsa(publicKey: Buffer, algorithm: string, plain: Uint8Array): Buffer {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  return publicEncrypt({ key, ...padding(algorithm) }, plain);
}

/** Undefined if it does not decrypt. */
export function decryptRsa(privateKey: Buffer, algorithm: string, ciphertext: Uint8Array): Buffer | undefined {
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  try {
    return privateDecrypt({ key, ...padding(algorithm) }, ciphertext);
  } catch {
    return undefined;
  }
}

/** How many bytes the algorithm encrypts: the modulus less two digests and two bytes. */
export function rsaPlaintextLimit(algorithm: string, modulusBits: number): number {
  return modulusBits / 8 - 2 * (algorithm === 'RSAES_OAEP_SHA_1' ? 20 : 32) - 2;
}

function padding(algorithm: string) {
  const oaepHash = algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256';
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
}
