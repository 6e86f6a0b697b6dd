import { expect, test } from 'vitest'
import { formFields } from '../../../scripts/health/verify/dashboard.ts'

test('the login form is sent with every field that it has', () => {
  const html = `<form><input type="hidden" name="csrfmiddlewaretoken" value="abc"><input value='default' name='region'>
    <input name="username" type="text"><input type="submit" value="Sign In"></form>`
  expect(formFields(html)).toEqual({ csrfmiddlewaretoken: 'abc', region: 'default', username: '' })
})
