import assert from 'node:assert/strict';
import { isSignInPage } from '../../../tasks/AzureDevOpsTokenV1/src/http/web-page';

const page = (title: string, body = '') =>
  `<!DOCTYPE html>\n<html lang="en-US">\n<head><title>${title}</title></head><body>${body}</body></html>`;

describe('a sign-in page', () => {
  for (const [name, text] of Object.entries({
    'of Azure DevOps': page('\r\n\r\n            Azure DevOps Services | Sign In\r\n\r\n        '),
    'of its older name': page('Visual Studio Team Services | Sign In'),
    'of Microsoft Entra': page('Sign in to your account'),
    'with a title of its own': page('Sign&nbsp;in'),
    'with a form for Microsoft Entra': page(
      'Working...',
      '<form method="POST" name="hiddenform" action="https://login.microsoftonline.com/common/oauth2/authorize">',
    ),
    'with a form for Azure DevOps': page(
      'Working...',
      '<form action="https://dev.azure.com/_signedin?realm=x" method="post">',
    ),
    'by its scripts': page(
      'Anmelden',
      '<script>require(["Authentication/Scripts/SPS.Authentication.Controls"])</script>',
    ),
  } as const)) {
    it(`is recognized (${name})`, () => {
      assert.equal(isSignInPage(text), true);
    });
  }

  for (const [name, text] of Object.entries({
    'a coverage report': page('Code coverage report for src/SignIn.tsx', 'Sign in'),
    'a report on a file of that name': page('SignIn.tsx'),
    'a page of the portal with a link': page(
      'Summary - Overview',
      '<a href="https://app.vssps.visualstudio.com/_signin">Sign in</a>',
    ),
    'a list of packages': page('Simple index', '<a href="sign-in/">sign-in</a>'),
    'a page about it': page('How to sign in with Git'),
    'no page': '',
  } as const)) {
    it(`is not ${name}`, () => {
      assert.equal(isSignInPage(text), false);
    });
  }
});
