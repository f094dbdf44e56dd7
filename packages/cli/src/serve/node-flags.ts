/** Node's flags of a gateway; why, says bin/headgate.js, which has them too and can import nothing that is not plain JavaScript. */
export const NODE_FLAGS = ["--no-memory-reducer", "--no-allocation-site-pretenuring"] as const;
