/** What the options of a server say about TLS and about clients that ask for too much, as the listener takes it. */
import type { ListenerOptions } from './aws/index.ts';
import type { PosthornOptions } from './server.ts';

export function edgeProtection(options: PosthornOptions): Pick<ListenerOptions, 'tls' | 'limits' | 'requestRates'> {
  const { maxConnections, maxConnectionsPerAddress, requestsPerSecond, requestsPerSecondPerAddress } = options;
  const tls = tlsOf(options);
  return {
    ...(tls !== undefined && { tls }),
    limits: {
      ...(maxConnections !== undefined && { connectionsMax: maxConnections }),
      ...(maxConnectionsPerAddress !== undefined && { connectionsPerAddressMax: maxConnectionsPerAddress }),
    },
    requestRates: {
      ...(requestsPerSecond !== undefined && { perAccessKey: requestsPerSecond }),
      ...(requestsPerSecondPerAddress !== undefined && { perAddress: requestsPerSecondPerAddress }),
    },
  };
}

function tlsOf(options: PosthornOptions): ListenerOptions['tls'] {
  const { tlsCert, tlsKey, tlsClientCa, tlsClientCertificates, tlsMinVersion } = options;
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw Object.assign(new Error('tlsCert and tlsKey need each other.'), { exitCode: 2 });
  }
  return {
    ...{ cert: tlsCert, key: tlsKey },
    ...(tlsClientCa !== undefined && { clientCa: tlsClientCa }),
    ...(tlsClientCertificates !== undefined && { clientCertificates: tlsClientCertificates }),
    ...(tlsMinVersion !== undefined && { minVersion: tlsMinVersion }),
  };
}
