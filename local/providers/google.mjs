// Google on a laptop: a certified OpenID provider whose only page asks who you want to be.
//
// Started with ISSUER, CLIENT_ID, CLIENT_SECRET and REDIRECT_URI in its environment.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;
const people = JSON.parse(readFileSync(new URL('people.json', import.meta.url))).google;
const CHOICE = /^\/choose\/([\w-]+)$/;

const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_post',
      require_auth_time: true,
    },
  ],
  pkce: { required: () => true },
  scopes: ['openid', 'email'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false, // Google's ID tokens carry the address, too
  cookies: { keys: [randomBytes(16).toString('hex')] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/choose/${interaction.uid}` },
  findAccount: (_ctx, id) =>
    people[id] && {
      accountId: id,
      claims: () => ({
        sub: `google-${id}`,
        email: people[id].email,
        email_verified: people[id].verified,
      }),
    },
  async loadExistingGrant(ctx) {
    // Who chooses to be somebody here has consented.
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({
      clientId: client.clientId,
      accountId: session.accountId,
    });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  const [, uid] = CHOICE.exec(ctx.path) ?? [];
  if (!uid) return next();
  const { person } = ctx.query;
  if (Object.hasOwn(people, person ?? '')) {
    const login = { accountId: person, ts: Math.floor(Date.now() / 1000) };
    const result = { login, consent: {} };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    return undefined;
  }
  const choices = Object.entries(people).map(
    ([id, { email, verified }]) =>
      `<li><a href="?person=${id}">${email}${verified ? '' : ' (not verified)'}</a></li>`,
  );
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<h1>Who are you at Google?</h1><ul>${choices.join('')}</ul></html>`;
  return undefined;
});

provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(Number(new URL(ISSUER).port), '127.0.0.1');
