/** First byte of the record that begins a TLS connection (a handshake). */
export const TLS_RECORD = 0x16;
