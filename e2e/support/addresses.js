/** Where the node is found. Public addresses are those that RFC 5737 keeps for examples: programs take them for real. */

/** The node's address on the LAN. */
export const LAN = '10.77.0.1';
/** The node's address on the internet of the tests. */
export const PUBLIC = '203.0.113.1';
/** The port of the node that is used when none is given. */
export const PORT = 8443;
