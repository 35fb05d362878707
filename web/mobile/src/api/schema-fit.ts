/** Holds the shapes of `types.ts` against the OpenAPI document: compiled, never run. A field renamed or dropped by the server fails here. */
import type { components } from './schema'
import type * as mine from './types'

type Wire = components['schemas']

/** Ours may be narrower (a union where the document says string); it may neither miss a field of an answer nor invent one. */
type Fits<Ours, Theirs> = [Ours] extends [Theirs] ? ([Exclude<keyof Ours, keyof Theirs>] extends [never] ? true : Exclude<keyof Ours, keyof Theirs>) : false
type AllTrue<T extends readonly true[]> = T

export type Fitting = AllTrue<
  [
    Fits<mine.Session, Wire['SessionOut']>,
    Fits<mine.Me, Wire['Me']>,
    Fits<mine.Certificate, Wire['CertificateOut']>,
    Fits<mine.Colleague, Wire['Colleague']>,
    Fits<mine.Subject, Wire['SubjectOut']>,
    Fits<mine.Requirement, Wire['RequirementOut']>,
    Fits<mine.ActSummary, Wire['ActSummary']>,
    Fits<mine.Act, Wire['ActOut']>,
    Fits<mine.ActOfficer, Wire['ActOfficerOut']>,
    Fits<mine.ChecklistItem, Wire['TickOut']>,
    Fits<mine.Value, Wire['ValueOut']>,
    Fits<mine.Badge, Wire['BadgeOut']>,
    Fits<mine.Scan, Wire['ScanOut']>,
    Fits<mine.ScannedLicence, Wire['LicenceOut']>,
    Fits<mine.Exhibit, Wire['ExhibitOut']>,
    Fits<mine.CaseDocument, Wire['DocumentOut']>,
    Fits<mine.MyLicence, Wire['MyLicence']>,
    Fits<mine.HolderCode, Wire['CodeOut']>,
    Fits<mine.Use, Wire['UseOut']>,
    Fits<mine.Receipt, Wire['ReceiptOut']>,
    Fits<mine.ReceiptKeys, Wire['ReceiptKeysOut']>,
    Fits<mine.Petition, Wire['PetitionOut']>,
    Fits<mine.NewPetition, Wire['PetitionIn']>,
    Fits<mine.PaperPetition, Wire['PaperPetitionIn']>,
    Fits<mine.Notice, Wire['NoticeOut']>,
    Fits<mine.NewAct, Wire['ActIn']>,
    Fits<mine.PhysicalLicence, Wire['PhysicalIn']>,
    Fits<mine.DeviceEnrolment, Wire['DeviceIn']>,
    Fits<mine.Device, Wire['DeviceOut']>,
    Fits<mine.QueueAnswer, Wire['QueueOut']>,
    Fits<mine.Finding, Wire['FindingOut']>,
    Fits<mine.OfflineCredential, Wire['CredentialOut']>,
    Fits<mine.NewDelegation, Wire['DelegationIn']>,
    Fits<mine.Delegation, Wire['DelegationOut']>,
    Fits<mine.PasskeyAsked, Wire['PasskeyOptions']>,
    Fits<mine.NewPasskey, Wire['NewPasskeyIn']>,
    Fits<mine.UsedPasskey, Wire['UsedPasskeyIn']>,
    Fits<mine.NewTimeCode, Wire['NewTimeCodeOut']>,
    Fits<mine.Security, Wire['SecurityOut']>,
    Fits<mine.SignInPlace, Wire['SignInOut']>,
    Fits<mine.SignInProvider, Wire['ProviderOut']>,
  ]
>
