import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const BELOW = {
  core: { group: ['@liangzheng/ui', '@liangzheng/mobile', 'vue', 'vue-*', 'vant', '**/ui/**', '**/mobile/**'], message: 'core is pure TypeScript: no components, no DOM, nothing from the folders above it.' },
  ui: { group: ['@liangzheng/mobile', 'vant', 'vue-router', 'pinia', 'vue-i18n', '**/mobile/**'], message: 'ui knows neither the app nor its words: pass them in.' },
}
const DOM = ['window', 'document', 'navigator', 'localStorage', 'fetch', 'console', 'location', 'performance', 'setTimeout', 'setInterval', 'crypto']

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'mobile/src/api/schema.d.ts'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      'max-lines': ['error', 400],
      complexity: ['error', 10],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Arrow functions that set a ref or emit are one-liners here; the value is never used.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      // Layout only; line length is held by the reader's screen, not by a rule.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'always', component: 'always' } }],
      // `defineProps` is destructured with defaults, which this rule does not see.
      'vue/require-default-prop': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    files: ['**/*.vue'],
    rules: {
      // A boolean property is never undefined inside; the written default says what its absence means.
      '@typescript-eslint/no-useless-default-assignment': 'off',
    },
  },
  { files: ['core/src/**'], rules: { 'no-restricted-imports': ['error', { patterns: [BELOW.core] }], 'no-restricted-globals': ['error', ...DOM] } },
  { files: ['ui/src/**'], rules: { 'no-restricted-imports': ['error', { patterns: [BELOW.ui] }] } },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
)
