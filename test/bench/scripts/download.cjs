// What a download is compared with, besides curl: TLS to a file, with the buffers of Node.js or with those of HIGH_WATER_MARK bytes.
'use strict';

const { createWriteStream } = require('node:fs');
const https = require('node:https');
const { pipeline } = require('node:stream');

const { URL_TO_ASK, OUTPUT, HIGH_WATER_MARK } = process.env;
const buffers = HIGH_WATER_MARK === undefined ? {} : { highWaterMark: Number(HIGH_WATER_MARK) };
https.get(URL_TO_ASK, { agent: false, ...buffers }, (response) => {
  pipeline(response, createWriteStream(OUTPUT, buffers), (error) => {
    if (error) {
      throw error;
    }
  });
});
